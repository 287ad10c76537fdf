// The server-sent events of the query API: the journal as it grows, and that projections have changed.
// The browser reconnects by itself after a broken connection (with Last-Event-ID); after an answer that is not a stream it gives
// up, so then we open a new one with `?lastEventId=`, with a back-off of 0.5–10 s. No event is delivered twice or left out.
import type { JournalEvent } from './contract.ts';
import { queryApi, withParameters } from './http.ts';

export type StreamState = 'connecting' | 'open' | 'lost';

export interface StreamHandlers {
  readonly onJournal: (event: JournalEvent) => void;
  /** Some projection's state has changed; what it is now, the query API says. */
  readonly onProjections: () => void;
  readonly onState: (state: StreamState) => void;
}

const firstDelayMs = 500;
const longestDelayMs = 10_000;

/** Opens the stream and keeps it open; the returned function closes it for good. */
export function openLiveStream(handlers: StreamHandlers): () => void {
  let source: EventSource | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let delayMs = firstDelayMs;
  let lastEventId = '';
  let closed = false;

  const reopenLater = (): void => {
    source?.close();
    timer = setTimeout(connect, delayMs);
    delayMs = Math.min(delayMs * 2, longestDelayMs);
  };

  function connect(): void {
    if (closed) return;
    source = new EventSource(withParameters(`${queryApi}/v1/stream`, { lastEventId }));
    const current = source;
    current.onopen = () => {
      delayMs = firstDelayMs;
      handlers.onState('open');
    };
    current.onerror = () => {
      handlers.onState('lost');
      if (current.readyState === EventSource.CLOSED && !closed) reopenLater();
    };
    current.addEventListener('journal', (message: MessageEvent<string>) => {
      lastEventId = message.lastEventId;
      handlers.onJournal(JSON.parse(message.data) as JournalEvent);
    });
    current.addEventListener('projections', () => {
      handlers.onProjections();
    });
  }

  handlers.onState('connecting');
  connect();
  return () => {
    closed = true;
    clearTimeout(timer);
    source?.close();
  };
}
