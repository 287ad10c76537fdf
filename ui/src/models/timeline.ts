// The story of one correlation: command → event → reaction, rebuilt from the journal by causation.
// Events with one commandId were decided together. A command whose causationId is an event of the story is a reaction to that
// event; any other command came from outside. Commands are not in the log: their names follow from what they caused.

import type { JournalEvent, Notification } from '../services/contract.ts';

export interface TimelineEvent {
  readonly event: JournalEvent;
  /** ms since the first event of the story. */
  readonly afterMs: number;
  readonly notifications: readonly Notification[];
  readonly reactions: readonly TimelineCommand[];
}

export interface TimelineCommand {
  readonly commandId: string;
  readonly name: string;
  readonly actor: string;
  readonly isReaction: boolean;
  readonly events: readonly TimelineEvent[];
}

const commandByEvent: Readonly<Record<string, string>> = {
  OrderPlaced: 'PlaceOrder',
  OrderLineReserved: 'RecordReservation',
  OrderLineRefused: 'RecordRefusal',
  OrderPaid: 'PayOrder',
  OrderShipped: 'ShipOrder',
  OrderDelivered: 'DeliverOrder',
  OrderCancelled: 'CancelOrder',
  StockItemRegistered: 'RegisterStockItem',
  StockAdjusted: 'AdjustStock',
  PriceChanged: 'ChangePrice',
  StockReserved: 'ReserveStock',
  ReservationRefused: 'ReserveStock',
  ReservationReleased: 'ReleaseReservation',
  StockShipped: 'ShipReservation',
};

/** The command that yields these events; `undefined` for a type this panel does not know. */
export const commandNameOf = (types: readonly string[]): string | undefined =>
  types.map((type) => commandByEvent[type]).find((name) => name !== undefined);

const byTime = (a: JournalEvent, b: JournalEvent): number =>
  Date.parse(a.time) - Date.parse(b.time) ||
  (a.topic === b.topic && a.partition === b.partition ? a.offset - b.offset : 0);

function groupBy<Item>(
  items: readonly Item[],
  keyOf: (item: Item) => string,
): ReadonlyMap<string, readonly Item[]> {
  const groups = new Map<string, Item[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group === undefined) groups.set(keyOf(item), [item]);
    else group.push(item);
  }
  return groups;
}

/**
 * Builds the story: the commands from outside, oldest first, each with its events, each with its reactions.
 *
 * @param events of one correlation, in any order; a cause outside of them makes its command one from outside
 */
export function timelineOf(
  events: readonly JournalEvent[],
  notifications: readonly Notification[] = [],
): readonly TimelineCommand[] {
  const sorted = [...new Map(events.map((event) => [event.eventId, event])).values()].toSorted(byTime);
  const start = Date.parse(sorted[0]?.time ?? '');
  const known = new Set(sorted.map(({ eventId }) => eventId));
  const commands = [...groupBy(sorted, ({ commandId }) => commandId).values()];
  const causeOf = (group: readonly JournalEvent[]): string | undefined => {
    const cause = group[0]?.causationId;
    const causedByItself = group.some(({ eventId }) => eventId === cause);
    return cause !== undefined && known.has(cause) && !causedByItself ? cause : undefined;
  };
  const reactionsTo = groupBy(
    commands.filter((group) => causeOf(group) !== undefined),
    (group) => causeOf(group) ?? '',
  );
  const mailFor = groupBy(notifications, ({ eventId }) => eventId);
  const placed = new Set<string>();

  const build = (group: readonly JournalEvent[], isReaction: boolean): TimelineCommand => {
    const [first] = group;
    placed.add(first?.commandId ?? '');
    return {
      commandId: first?.commandId ?? '',
      name: commandNameOf(group.map(({ type }) => type)) ?? first?.type ?? '',
      actor: first?.actor ?? '',
      isReaction,
      events: group.map((event) => ({
        event,
        afterMs: Date.parse(event.time) - start,
        notifications: mailFor.get(event.eventId) ?? [],
        reactions: (reactionsTo.get(event.eventId) ?? [])
          .filter((reaction) => !placed.has(reaction[0]?.commandId ?? ''))
          .map((reaction) => build(reaction, true)),
      })),
    };
  };

  return commands.filter((group) => causeOf(group) === undefined).map((group) => build(group, false));
}
