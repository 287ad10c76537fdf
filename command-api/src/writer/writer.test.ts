import fc from 'fast-check';
import { createLogger } from '@comptoir/service';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { adjustStock, placeOrder, recordReservation, registerItem } from '../testing/commands.ts';
import { inMemoryLog, type Fate, type InMemoryLog } from '../testing/in-memory-log.ts';
import type { SubmittedCommand } from './command.ts';
import { Writer } from './writer.ts';

const logger = createLogger({ service: 'test', level: 'silent' });
const running = new Set<Writer>();
afterEach(async () => {
  for (const writer of running) await writer.stop();
  running.clear();
});

async function writerOn(log: InMemoryLog): Promise<Writer> {
  const writer = new Writer({ log: log as never, logger });
  running.add(writer);
  await writer.start();
  await vi.waitFor(() => {
    expect(writer.status).toBe('ready');
  });
  return writer;
}

describe('the writer', () => {
  it('appends a command’s events with versions that follow one another, and answers where they are', async () => {
    const log = inMemoryLog();
    const writer = await writerOn(log);
    const first = await writer.submit(registerItem('a'));
    const second = await writer.submit(adjustStock('b', 5));
    expect(first).toMatchObject({ kind: 'accepted', created: true, replayed: false, answer: { version: 1 } });
    expect(second).toMatchObject({
      kind: 'accepted',
      created: false,
      answer: { version: 2, events: [{ type: 'StockAdjusted', version: 2 }] },
    });
    expect(log.events().map(({ version }) => version)).toEqual([1, 2]);
  });

  it('decides the commands of one batch each against the state that the ones before it leave', async () => {
    const log = inMemoryLog();
    const writer = await writerOn(log);
    const outcomes = await Promise.all([
      writer.submit(registerItem('a', 'tea', 10)),
      writer.submit(adjustStock('b', -8)),
      writer.submit(adjustStock('c', -8)),
      writer.submit(adjustStock('d', -2)),
    ]);
    expect(outcomes.map(({ kind }) => kind)).toEqual(['accepted', 'accepted', 'refused', 'accepted']);
    expect(log.transactions()).toBeLessThanOrEqual(2);
  });

  it('tells nobody what follows from a command before that command is in the log', async () => {
    const log = inMemoryLog(
      ['committed', 'committed', 'lost-before-commit'][Symbol.iterator]() as Iterator<Fate>,
    );
    const writer = await writerOn(log);
    await writer.submit(registerItem('a', 'tea', 10));
    const told: string[] = [];
    const submit = async (submitted: SubmittedCommand): Promise<void> => {
      const { kind } = await writer.submit(submitted);
      told.push(`${submitted.id} ${kind}`);
    };
    // The first is written alone; the others come together while it is.
    await Promise.all([
      submit(registerItem('b', 'rum')),
      submit(adjustStock('c', -8)),
      submit(adjustStock('d', -8)),
      submit(adjustStock('e', 1, 'tea', { expectedVersion: 1 })),
    ]);
    expect(told).toEqual(['b accepted', 'c accepted', 'd refused', 'e version-conflict']);
  });

  it('gives a repeat the first answer, also in the same batch and after a restart', async () => {
    const log = inMemoryLog();
    const writer = await writerOn(log);
    const [first, sameBatch] = await Promise.all([
      writer.submit(registerItem('a')),
      writer.submit(registerItem('a')),
    ]);
    await writer.submit(adjustStock('b', 1));
    const restarted = await writerOn(log);
    const later = await restarted.submit(registerItem('a'));
    expect(first).toMatchObject({ kind: 'accepted', replayed: false });
    expect(sameBatch).toEqual({ ...first, replayed: true });
    expect(later).toEqual({ ...first, replayed: true });
    expect(log.events()).toHaveLength(2);
  });

  it('refuses another command under the same id', async () => {
    const writer = await writerOn(inMemoryLog());
    await writer.submit(registerItem('a'));
    expect(await writer.submit(adjustStock('a', 1))).toEqual({ kind: 'key-reused' });
  });

  it('refuses a command that expects another version', async () => {
    const writer = await writerOn(inMemoryLog());
    await writer.submit(registerItem('a'));
    expect(await writer.submit(adjustStock('b', 1, 'tea', { expectedVersion: 7 }))).toEqual({
      kind: 'version-conflict',
      version: 1,
    });
    expect(await writer.submit(adjustStock('b', 1, 'tea', { expectedVersion: 1 }))).toMatchObject({
      kind: 'accepted',
    });
  });

  it('keeps an order’s later commands in its process unless they say otherwise', async () => {
    const log = inMemoryLog();
    const writer = await writerOn(log);
    await writer.submit(placeOrder('a', 'order-1', { correlationId: 'process-1' }));
    await writer.submit(recordReservation('b', 'order-1'));
    expect(new Set(log.events().map(({ correlationId }) => correlationId))).toEqual(new Set(['process-1']));
  });

  it('turns commands away once a newer owner has fenced it, and takes them again when it is the owner', async () => {
    const log = inMemoryLog();
    const older = await writerOn(log);
    await older.submit(registerItem('a'));
    const newer = await writerOn(log);
    await newer.submit(adjustStock('b', 1));
    // Fenced: it recovers by fencing the newer one, since this log assigns the shard to whoever asks. Its state is complete.
    const outcome = await older.submit(adjustStock('c', 1));
    expect(outcome).toMatchObject({ kind: 'accepted', answer: { version: 3 } });
    expect(log.events().map(({ version }) => version)).toEqual([1, 2, 3]);
  });

  it('answers everything that waits when it stops', async () => {
    const log = inMemoryLog();
    const writer = await writerOn(log);
    const outcomes = Array.from({ length: 50 }, (_, n) =>
      writer.submit(registerItem(`c-${String(n)}`, `sku-${String(n)}`)),
    );
    await writer.stop();
    const kinds = (await Promise.all(outcomes)).map(({ kind }) => kind);
    expect(kinds.filter((kind) => kind === 'accepted')).toHaveLength(log.events().length);
    expect(await writer.submit(registerItem('late'))).toMatchObject({ kind: 'unavailable', retryAfter: 1 });
  });

  it('leaves one effect per command and one answer per client, whatever is repeated and whichever answers are lost', async () => {
    const fate = fc.constantFrom<Fate>('committed', 'committed', 'lost-before-commit', 'lost-after-commit');
    const step = fc.record({ command: fc.nat({ max: 11 }), together: fc.boolean() });
    await fc.assert(
      fc.asyncProperty(
        fc.array(fate, { maxLength: 12 }),
        fc.array(step, { minLength: 1, maxLength: 40 }),
        async (fates, steps) => {
          const log = inMemoryLog(fates[Symbol.iterator]());
          const writer = await writerOn(log);
          const answers = new Map<string, unknown>();
          let pending: Promise<void>[] = [];
          for (const { command, together } of steps) {
            const submitted = commandNumber(command);
            pending.push(
              writer.submit(submitted).then((outcome) => {
                // A command on an item that is not registered yet leaves nothing, so its repeat is decided afresh.
                if (outcome.kind !== 'accepted') return;
                const known = answers.get(submitted.id);
                if (known === undefined) answers.set(submitted.id, outcome.answer);
                else expect(outcome.answer).toEqual(known);
              }),
            );
            if (together) continue;
            await Promise.all(pending);
            pending = [];
          }
          await Promise.all(pending);
          const events = log.events();
          expect(new Set(events.map(({ id }) => id)).size).toBe(events.length);
          expect(new Set(events.map(({ commandId }) => commandId))).toEqual(new Set(answers.keys()));
          for (const sku of ['tea', 'rum']) {
            const versions = events.filter(({ key }) => key === sku).map(({ version }) => version);
            expect(versions).toEqual(versions.map((_, n) => n + 1));
          }
          await writer.stop();
          running.delete(writer);
        },
      ),
      { numRuns: 150 },
    );
  });
});

/** Twelve commands over two items: each item is registered by one and adjusted by the others. */
function commandNumber(n: number): SubmittedCommand {
  const sku = n % 2 === 0 ? 'tea' : 'rum';
  return n < 2 ? registerItem(`command-${String(n)}`, sku) : adjustStock(`command-${String(n)}`, n, sku);
}
