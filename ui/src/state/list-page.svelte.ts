// A page that shows a list of the query API: its filters are the address's parameters, its rows are held still (live-list).
import { createQuery, keepPreviousData } from '@tanstack/svelte-query';
import type { Page } from '../services/contract.ts';
import type { Parameters } from '../services/queries.ts';
import { currentParameters } from './address.svelte.ts';
import { createLiveList, type LiveList } from './live-list.svelte.ts';

/** What a page and the parts of it need of its list. */
export interface ListPage<Row> extends LiveList<Row> {
  /** The parameters of the address, as `status=paid&q=tea`. */
  readonly search: string;
  /** Whether the address narrows the list. */
  readonly filtered: boolean;
  /** The last answer; `undefined` before the first. */
  readonly answer: Page<Row> | undefined;
  /** Why there is no answer. */
  readonly error: Error | null;
  readonly retry: () => unknown;
}

/**
 * @param key names the list in the cache
 * @param load asks for a page of it
 */
export function createListPage<Row>(
  key: readonly string[],
  load: (parameters: Parameters, signal: AbortSignal) => Promise<Page<Row>>,
  keyOf: (row: Row) => string,
): ListPage<Row> {
  const parameters = $derived(currentParameters());
  const search = $derived(parameters.toString());
  const query = createQuery(() => ({
    queryKey: [...key, search],
    queryFn: ({ signal }: { signal: AbortSignal }) => load(Object.fromEntries(parameters), signal),
    placeholderData: keepPreviousData,
  }));
  const list = createLiveList(
    () => `${search} ${String(query.isPlaceholderData)}`,
    () => query.data?.items,
    keyOf,
  );
  return {
    get search() {
      return search;
    },
    get filtered() {
      return [...parameters.keys()].some((name) => name !== 'cursor');
    },
    get answer() {
      return query.data;
    },
    get error() {
      return query.error;
    },
    get rows() {
      return list.rows;
    },
    get waiting() {
      return list.waiting;
    },
    catchUp: list.catchUp,
    retry: () => query.refetch(),
  };
}
