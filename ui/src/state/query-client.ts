// The cache of views. A view is asked again when the journal says that something of it changed: soon after the event, and once
// more a second later, because the journal's projection and the view's are not equally quick. Bursts are one question.
import { QueryClient } from '@tanstack/svelte-query';
import { RequestFailed } from '../services/http.ts';
import type { JournalEvent } from '../services/contract.ts';

const soonMs = 200;
const onceMoreMs = 1_200;

/** The cache: what is older than 5 s is asked again when it is shown; what failed without a certain answer is tried twice more. */
export const createQueryClient = (): QueryClient =>
  new QueryClient({
    defaultOptions: {
      queries: {
        networkMode: 'always',
        staleTime: 5_000,
        retry: (failures, error) => error instanceof RequestFailed && error.isUncertain && failures < 2,
        retryDelay: (attempt) => 300 * 2 ** attempt,
        refetchOnWindowFocus: false,
      },
    },
  });

/** Returns a listener of journal events that keeps the cache true. */
export function refreshOnEvents(client: QueryClient): (event: JournalEvent) => void {
  const waiting = new Map<string, readonly string[]>();
  const again = new Map<string, readonly string[]>();
  let soon: ReturnType<typeof setTimeout> | undefined;
  let onceMore: ReturnType<typeof setTimeout> | undefined;

  const refresh = (keys: Map<string, readonly string[]>): void => {
    for (const queryKey of keys.values()) void client.invalidateQueries({ queryKey });
    keys.clear();
  };

  return (event) => {
    const views =
      event.topic === 'stock' ? [['stock-items'], ['stock', event.key]] : [['orders'], ['order', event.key]];
    const shared = [['story', event.correlationId], ['history', event.key], ['notifications'], ['figures']];
    for (const key of [...views, ...shared]) {
      waiting.set(key.join('/'), key);
      again.set(key.join('/'), key);
    }
    soon ??= setTimeout(() => {
      soon = undefined;
      refresh(waiting);
      clearTimeout(onceMore);
      onceMore = setTimeout(() => {
        refresh(again);
      }, onceMoreMs);
    }, soonMs);
  };
}
