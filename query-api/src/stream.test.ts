import { describe, expect, it } from 'vitest';
import { parseVector, type PositionVector } from './position-vector.ts';
import { SharedPoll } from './shared-poll.ts';
import { merged, stream, type Head, type StreamedEvent } from './stream.ts';

/** A journal in memory, with holes where Kafka has markers of transactions. */
class FakeJournal {
  readonly #events: StreamedEvent[] = [];
  readonly #ends = new Map<string, number>();
  #clock = 0;
  largestRead = 0;
  reads = 0;

  append(log: string, count = 1): void {
    for (let written = 0; written < count; written += 1) {
      const offset = this.#ends.get(log) ?? 0;
      this.#clock += 1;
      this.#events.push({ log, offset, time: new Date(this.#clock) });
      // Every third offset is a marker.
      this.#ends.set(log, offset % 3 === 1 ? offset + 2 : offset + 1);
    }
  }

  readonly head = (): Promise<Head> => Promise.resolve({ generation: 1, positions: new Map(this.#ends) });

  readonly read = (
    _generation: number,
    { log, from, to, limit }: { log: string; from: number; to: number; limit: number },
  ): Promise<StreamedEvent[]> => {
    const found = this.#events
      .filter((event) => event.log === log && event.offset >= from && event.offset < to)
      .slice(0, limit);
    this.reads += 1;
    this.largestRead = Math.max(this.largestRead, found.length);
    return Promise.resolve(found);
  };

  get positions(): string[] {
    return this.#events.map(({ log, offset }) => `${log}@${String(offset)}`);
  }
}

const logger = { warn: () => undefined };

interface Received {
  readonly positions: string[];
  lastId: string;
  comments: number;
  projections: number;
}

/** Reads a stream until it has what `enough` asks for, as an EventSource would. */
async function receive(
  journal: FakeJournal,
  resumeFrom: PositionVector | undefined,
  enough: (received: Received) => boolean,
  heartbeat = 10_000,
): Promise<Received> {
  const tail = new SharedPoll({
    read: journal.head,
    same: (before: Head, now: Head) =>
      [...now.positions].every(([log, offset]) => before.positions.get(log) === offset),
    interval: 5,
    logger,
  });
  const projections = new SharedPoll({
    read: () => Promise.resolve('states'),
    same: Object.is,
    interval: 5,
    logger,
  });
  const ended = new AbortController();
  const received: Received = { positions: [], lastId: '', comments: 0, projections: 0 };
  const options = {
    tail,
    projections,
    readJournal: journal.read,
    resumeFrom,
    signal: ended.signal,
    heartbeat,
  };
  for await (const chunk of stream(options)) {
    received.lastId = /^id: (.+)$/m.exec(chunk)?.[1] ?? received.lastId;
    if (chunk.startsWith(':')) received.comments += 1;
    if (chunk.includes('event: projections')) received.projections += 1;
    const data = /event: journal\ndata: (.+)\n/.exec(chunk)?.[1];
    if (data !== undefined) {
      const event = JSON.parse(data) as { log: string; offset: number };
      received.positions.push(`${event.log}@${String(event.offset)}`);
    }
    if (enough(received)) break;
  }
  return received;
}

const sorted = (texts: readonly string[]): string[] => texts.toSorted();

describe('a live stream', () => {
  it('starts at now, and says where that is before anything happens', async () => {
    const journal = new FakeJournal();
    journal.append('orders-0', 3);
    const received = await receive(journal, undefined, ({ lastId }) => lastId !== '');
    expect(received).toMatchObject({ positions: [], lastId: 'orders-0@4' });
  });

  it('shows what happens while it is open', async () => {
    const journal = new FakeJournal();
    const received = await receive(journal, undefined, ({ positions, projections, lastId }) => {
      expect(lastId).not.toBe('');
      if (projections === 1 && positions.length === 0) journal.append('stock-1');
      return positions.length > 0;
    });
    expect(received.positions[0]).toBe('stock-1@0');
  });

  it('resumes from long ago, page by page, each event once and in the order of time', async () => {
    const journal = new FakeJournal();
    for (let round = 0; round < 170; round += 1) {
      journal.append('orders-0', 2);
      journal.append('stock-7');
    }
    const all = await receive(journal, new Map(), ({ positions }) => positions.length === 510);
    expect(all.positions).toEqual(journal.positions);
    expect(journal.largestRead).toBe(100);
  });

  it('reads no further than its client takes', async () => {
    const journal = new FakeJournal();
    journal.append('orders-0', 1_000);
    await receive(journal, new Map(), ({ positions }) => positions.length === 150);
    expect(journal.reads).toBe(2);
  });

  it('resumed after any event loses nothing and doubles nothing', async () => {
    const journal = new FakeJournal();
    for (const log of ['orders-0', 'orders-1', 'stock-0', 'orders-0', 'stock-0']) journal.append(log, 3);
    const total = journal.positions.length;
    for (let cut = 1; cut < total; cut += 1) {
      const first = await receive(journal, new Map(), ({ positions }) => positions.length === cut);
      const rest = await receive(
        journal,
        parseVector(first.lastId),
        ({ positions }) => positions.length === total - cut,
      );
      expect(sorted([...first.positions, ...rest.positions])).toEqual(sorted(journal.positions));
    }
  });

  it('sends a comment when nothing happens', async () => {
    const received = await receive(new FakeJournal(), undefined, ({ comments }) => comments === 2, 5);
    expect(received.comments).toBe(2);
  });

  it('ends when its client goes', async () => {
    const ended = new AbortController();
    const tail = new SharedPoll({ read: new FakeJournal().head, same: () => true, interval: 5, logger });
    const projections = new SharedPoll({
      read: () => Promise.resolve('states'),
      same: Object.is,
      interval: 5,
      logger,
    });
    const readJournal = new FakeJournal().read;
    const options = {
      tail,
      projections,
      readJournal,
      resumeFrom: undefined,
      signal: ended.signal,
      heartbeat: 60_000,
    };
    const chunks: string[] = [];
    for await (const chunk of stream(options)) {
      chunks.push(chunk);
      if (chunk.includes('projections'))
        setImmediate(() => {
          ended.abort();
        });
    }
    expect(chunks.join('')).toContain('event: projections');
  });
});

describe('merging partitions', () => {
  it('goes by time, but never against the order of a partition', () => {
    const event = (log: string, offset: number, time: number) => ({ log, offset, time: new Date(time) });
    const clockWentBack = [event('orders-0', 0, 50), event('orders-0', 1, 10)];
    const other = [event('stock-0', 0, 20), event('stock-0', 1, 60)];
    const names = merged([clockWentBack, [], other], 100).map(
      ({ log, offset }) => `${log}@${String(offset)}`,
    );
    expect(names).toEqual(['stock-0@0', 'orders-0@0', 'orders-0@1', 'stock-0@1']);
  });

  it('stops where a full page ends, for what follows may be earlier than what others have', () => {
    const event = (log: string, offset: number, time: number) => ({ log, offset, time: new Date(time) });
    const full = [event('orders-0', 0, 1), event('orders-0', 1, 2)];
    const short = [event('stock-0', 0, 9)];
    expect(merged([full, short], 2)).toEqual(full);
  });
});
