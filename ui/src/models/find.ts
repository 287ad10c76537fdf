// What a text typed into "Find" may mean: a page by its name, an event by its position, an order or an event by its id.
// What only the views can tell (customers, names of items) is asked of them, not here.
import { eventPathOf, orderPath, parsePosition } from './position.ts';

export type PlaceKind = 'page' | 'event' | 'order' | 'item' | 'search';

export interface Place {
  readonly kind: PlaceKind;
  readonly label: string;
  readonly path: string;
}

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** The pages whose name contains the text; all of them while there is none. */
export const pagesNamed = (text: string, pages: readonly Place[]): readonly Place[] =>
  pages.filter(({ label }) => label.toLowerCase().includes(text.trim().toLowerCase()));

/** Where the text itself leads, by its form: a position to its event, an id to its order and to the events that mention it. */
export function addressedBy(text: string): readonly Place[] {
  const wanted = text.trim();
  if (wanted === '') return [];
  const search: Place = { kind: 'search', label: wanted, path: `/events?q=${encodeURIComponent(wanted)}` };
  if (parsePosition(wanted) !== undefined) {
    return [{ kind: 'event', label: wanted, path: eventPathOf(wanted) }];
  }
  return uuid.test(wanted)
    ? [{ kind: 'order', label: wanted, path: orderPath(wanted.toLowerCase()) }, search]
    : [search];
}
