// One live stream: server-sent events (WHATWG HTML §9.2) as chunks of text. Every journal event carries as its id how far
// the stream has come in every partition, so a client that reconnects with `Last-Event-ID` misses nothing and gets
// nothing twice, however long it was away. A slow client is read for no faster than it takes (the generator is pulled).
import { formatVector, type PositionVector } from './position-vector.ts';
import type { SharedPoll } from './shared-poll.ts';

/** How far the journal view has come. */
export interface Head {
  /** The live generation. */
  readonly generation: number;
  /** Next offset of every partition, as of the checkpoint: every event below it is in the collection. */
  readonly positions: ReadonlyMap<string, number>;
}

/** A journal event as a stream shows it. */
export interface StreamedEvent {
  /** The partition: `orders-3`. */
  readonly log: string;
  readonly offset: number;
  /** When it was recorded. */
  readonly time: Date;
}

/** Reads at most `limit` events of one partition, `from` up to but not including `to`, in order. */
export type ReadJournal<E extends StreamedEvent> = (
  generation: number,
  range: { readonly log: string; readonly from: number; readonly to: number; readonly limit: number },
) => Promise<readonly E[]>;

/** What a stream is made of. */
export interface StreamOptions<E extends StreamedEvent> {
  readonly tail: Pick<SharedPoll<Head>, 'watch' | 'look'>;
  readonly projections: Pick<SharedPoll<unknown>, 'watch' | 'look'>;
  readonly readJournal: ReadJournal<E>;
  /** Where to go on; without it the stream starts at now. */
  readonly resumeFrom: PositionVector | undefined;
  /** Ends the stream: the client went, or the service stops. */
  readonly signal: AbortSignal;
  /** A comment is sent when nothing else was for this long, ms. */
  readonly heartbeat: number;
}

/** Events of one partition that are fetched at once: with 24 partitions, some 2 MB a stream at most. */
const pageSize = 100;
/** What an EventSource waits before it reconnects, ms. */
const retry = 1_000;

/**
 * Merges pages of several partitions by time, keeping the order within every partition. Stops where a full page ends, since
 * what follows it may be earlier than what the others have left.
 */
export function merged<E extends StreamedEvent>(pages: readonly (readonly E[])[], fullPage: number): E[] {
  const queues = pages.map((page) => ({ page, next: 0 }));
  const result: E[] = [];
  for (;;) {
    let first: { readonly queue: (typeof queues)[number]; readonly event: E } | undefined;
    for (const queue of queues) {
      const event = queue.page[queue.next];
      if (event !== undefined && (first === undefined || event.time < first.event.time))
        first = { queue, event };
    }
    if (first === undefined) return result;
    const { queue, event } = first;
    result.push(event);
    queue.next += 1;
    if (queue.next === fullPage) return result;
  }
}

const block = (event: string, data: unknown, id?: string): string =>
  `${id === undefined ? '' : `id: ${id}\n`}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;

/** Everything between the stream's position and the head, page by page; moves `vector` along. */
async function* news<E extends StreamedEvent>(
  { tail, readJournal, signal }: StreamOptions<E>,
  vector: PositionVector,
): AsyncGenerator<string> {
  for (;;) {
    // Looked at for every page: a long replay must not go on in a generation that is no longer live.
    const head = await tail.look();
    const behind = [...head.positions].filter(([log, end]) => (vector.get(log) ?? 0) < end);
    if (behind.length === 0 || signal.aborted) return;
    const pages = await Promise.all(
      behind.map(async ([log, end]) => {
        const range = { log, from: vector.get(log) ?? 0, to: end, limit: pageSize };
        return { log, end, events: await readJournal(head.generation, range) };
      }),
    );
    for (const event of merged(
      pages.map(({ events }) => events),
      pageSize,
    )) {
      vector.set(event.log, event.offset + 1);
      yield block('journal', event, formatVector(vector));
    }
    for (const { log, end, events } of pages) {
      const last = events.at(-1);
      const shown = last === undefined || vector.get(log) === last.offset + 1;
      // A short page was all there is: what is left below `end` are markers of transactions.
      if (shown && events.length < pageSize) vector.set(log, end);
    }
  }
}

/** Wakes a stream. Rung while the stream is busy, it does not wait the next time. */
class Bell {
  #rung = false;
  #wake: (() => void) | undefined;

  readonly ring = (): void => {
    this.#rung = true;
    this.#wake?.();
  };

  /** Waits for the bell, at most `ms`; whether it rang. */
  async wait(ms: number): Promise<boolean> {
    if (!this.#rung) {
      const { promise, resolve } = Promise.withResolvers<undefined>();
      const timer = setTimeout(() => {
        resolve(undefined);
      }, ms);
      this.#wake = () => {
        resolve(undefined);
      };
      await promise;
      clearTimeout(timer);
      this.#wake = undefined;
    }
    const rang = this.#rung;
    this.#rung = false;
    return rang;
  }
}

/** The text of one stream, chunk by chunk. Ends when `signal` aborts; throws when the journal cannot be read. */
export async function* stream<E extends StreamedEvent>(options: StreamOptions<E>): AsyncGenerator<string> {
  const { tail, projections, resumeFrom, signal, heartbeat } = options;
  const bell = new Bell();
  signal.addEventListener('abort', bell.ring, { once: true });
  const stopWatching = [tail.watch(bell.ring), projections.watch(bell.ring)];
  try {
    const vector: PositionVector = new Map(resumeFrom ?? (await tail.look()).positions);
    // An id without data: the client remembers where it began although no event came yet.
    yield `retry: ${String(retry)}\nid: ${formatVector(vector)}\n\n`;
    let states: unknown;
    while (!signal.aborted) {
      const now = await projections.look();
      if (now !== states) yield block('projections', now);
      states = now;
      yield* news(options, vector);
      if (!(await bell.wait(heartbeat))) yield ': still here\n\n';
    }
  } finally {
    signal.removeEventListener('abort', bell.ring);
    for (const stop of stopWatching) stop();
  }
}
