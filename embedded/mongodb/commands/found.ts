// Finding what a write is about: inside its transaction, so that it sees what earlier writes have put.
import { decodeDocument } from '../documents/read.ts';
import { find } from '../plan/execute.ts';
import { idOf } from '../plan/id.ts';
import { planFilter } from '../plan/plan.ts';
import { documentKey } from '../storage/keys.ts';
import type { Doc, Value } from '../documents/value.ts';
import type { Filter } from '../query/filter.ts';
import type { Collection } from '../storage/catalogue.ts';
import type { Stored } from '../storage/documents.ts';
import type { Command } from './command.ts';

export interface Wanted {
  /** As it came, and compiled. */
  readonly query: Doc;
  readonly filter: Filter;
  readonly sort?: Doc | undefined;
  readonly hint?: Value | undefined;
  readonly many: boolean;
}

/** The documents that a write is to change. All are found before the first is changed, so that none is met twice. */
export function foundBy(command: Command, collection: Collection, wanted: Wanted): Stored[] {
  const { query, filter, sort, hint, many } = wanted;
  const { store } = command.server;
  const id = idOf(query);
  if (id !== undefined && hint === undefined) {
    const key = documentKey(collection.id, id);
    const bytes = store.documents.get(key);
    return bytes === undefined ? [] : [{ key, bytes, doc: decodeDocument(bytes) }];
  }
  const plan = planFilter(collection, filter, { sort, hint });
  const first = many || plan.sort !== undefined ? undefined : 1;
  const found: Stored[] = [];
  for (const { key, bytes, doc } of find(plan, { store, limit: { deadline: command.deadline }, first })) {
    found.push({ key, bytes, doc: doc ?? decodeDocument(bytes) });
    if (first !== undefined) break;
  }
  if (many || plan.sort === undefined) return found;
  const [least] = plan.sort.sort(
    found.map(({ doc }) => doc),
    1,
  );
  return found.filter(({ doc }) => doc === least);
}
