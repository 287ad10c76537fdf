import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { errorCodes } from '../protocol/errors.ts';
import { PartitionLog } from './partition-log.ts';
import type { AppendResult } from './log-results.ts';
import { producerExpiryMs } from './producers.ts';
import { batchOf, readAll, removeDirectory, temporaryDirectory, testConfig } from './testing.ts';

let directory = '';
let log: PartitionLog;
let now = 1_000_000;

const open = async () => {
  log = await PartitionLog.open({ directory, config: testConfig, now: () => now });
};
const restart = async () => {
  await log.close();
  await open();
};
/** A batch of a producer: records, from a sequence on. */
const send = async (
  sequence: number,
  entries: readonly string[],
  epoch = 0,
  producerId = 7,
): Promise<AppendResult> => {
  const result = log.append(batchOf(entries, { producerId, producerEpoch: epoch, baseSequence: sequence }));
  if (result.kind !== 'refused') await result.synced;
  return result;
};
const sendIn = async (
  sequence: number,
  entries: readonly string[],
  epoch = 0,
  producerId = 7,
): Promise<AppendResult> => {
  const result = log.append(
    batchOf(entries, { producerId, producerEpoch: epoch, baseSequence: sequence, isTransactional: true }),
  );
  if (result.kind !== 'refused') await result.synced;
  return result;
};
const keys = async (isolation: 'readUncommitted' | 'readCommitted') =>
  (await readAll(log, isolation)).map(({ key }) => key);

beforeEach(async () => {
  now = 1_000_000;
  directory = await temporaryDirectory();
  await open();
});

afterEach(async () => {
  await log.close();
  await removeDirectory(directory);
});

describe.each([
  ['in one process', () => Promise.resolve()],
  ['over a restart', restart],
])('an idempotent producer, %s', (_, between) => {
  it('gets the first offsets again for a batch that it repeats', async () => {
    await send(0, ['a=1', 'b=1']);
    await send(2, ['c=1']);
    await between();
    expect(await send(0, ['a=1', 'b=1'])).toMatchObject({ kind: 'duplicate', baseOffset: 0, lastOffset: 1 });
    expect(await send(2, ['c=1'])).toMatchObject({ kind: 'duplicate', baseOffset: 2 });
    expect(await keys('readUncommitted')).toEqual(['a', 'b', 'c']);
  });

  it('is told of a gap, and of a repetition older than its last five batches', async () => {
    await send(0, ['a=1']);
    await between();
    const gap = { kind: 'refused', code: errorCodes.OUT_OF_ORDER_SEQUENCE_NUMBER };
    expect(await send(2, ['c=1'])).toMatchObject(gap);
    for (let i = 1; i <= 5; i++) await send(i, ['x=1']);
    expect(await send(0, ['a=1'])).toMatchObject(gap);
    expect(await send(1, ['x=1'])).toMatchObject({ kind: 'duplicate', baseOffset: 1 });
  });

  it('is fenced by a newer epoch, which begins with sequence 0', async () => {
    await send(0, ['a=1'], 1);
    await between();
    expect(await send(1, ['b=1'], 0)).toMatchObject({
      kind: 'refused',
      code: errorCodes.INVALID_PRODUCER_EPOCH,
    });
    expect(await send(1, ['b=1'], 2)).toMatchObject({ code: errorCodes.OUT_OF_ORDER_SEQUENCE_NUMBER });
    expect(await send(0, ['b=1'], 2)).toMatchObject({ kind: 'appended' });
  });

  it('goes on at 0 after the greatest sequence', async () => {
    await send(2 ** 31 - 2, ['a=1', 'b=1']);
    await between();
    expect(await send(0, ['c=1'])).toMatchObject({ kind: 'appended' });
  });
});

it('a duplicate waits for the disk as the first did', async () => {
  const batch = () => batchOf(['a=1'], { producerId: 7, producerEpoch: 0, baseSequence: 0 });
  log.append(batch());
  const again = log.append(batch());
  expect(again.kind).toBe('duplicate');
  expect(log.highWatermark).toBe(0);
  if (again.kind === 'duplicate') await again.synced;
  expect(log.highWatermark).toBe(1);
});

it('a producer that has been silent for long is forgotten', async () => {
  await send(0, ['a=1']);
  now += producerExpiryMs + 1;
  await log.maintain();
  expect(log.activeProducers).toEqual([]);
  expect(await send(5, ['b=1'])).toMatchObject({ kind: 'appended' });
});

describe.each([
  ['in one process', () => Promise.resolve()],
  ['over a restart', restart],
])('transactions, %s', (_, between) => {
  it('hold back readers of committed records until they end', async () => {
    await send(0, ['before=1'], 0, 1);
    await sendIn(0, ['a=1']);
    await send(1, ['beside=1'], 0, 1);
    await between();
    expect(log.lastStableOffset).toBe(1);
    expect(await keys('readCommitted')).toEqual(['before']);
    expect(await keys('readUncommitted')).toEqual(['before', 'a', 'beside']);
    await log.appendMarker('commit', 7, 0, 0);
    await between();
    expect(log.lastStableOffset).toBe(4);
    expect(await keys('readCommitted')).toEqual(['before', 'a', 'beside']);
  });

  it('that were aborted are told to readers of committed records, and only those in their range', async () => {
    await sendIn(0, ['a=1']);
    await log.appendMarker('abort', 7, 0, 0);
    await sendIn(1, ['b=1']);
    await log.appendMarker('commit', 7, 0, 0);
    await sendIn(2, ['c=1']);
    await log.appendMarker('abort', 7, 0, 0);
    await between();
    expect(await keys('readCommitted')).toEqual(['b']);
    const at = (offset: number) => log.read({ offset, maxBytes: 1, isolation: 'readCommitted' });
    expect((await at(0)).abortedTransactions).toMatchObject([{ producerId: 7, firstOffset: 0 }]);
    expect((await at(2)).abortedTransactions).toEqual([]);
    expect((await at(4)).abortedTransactions).toMatchObject([{ producerId: 7, firstOffset: 4 }]);
  });

  it('end with a newer epoch, after which the old one is fenced', async () => {
    await sendIn(0, ['a=1']);
    await log.appendMarker('abort', 7, 1, 0);
    await between();
    expect(await sendIn(1, ['b=1'], 0)).toMatchObject({ code: errorCodes.INVALID_PRODUCER_EPOCH });
    await expect(log.appendMarker('abort', 7, 0, 0)).rejects.toMatchObject({
      code: errorCodes.INVALID_PRODUCER_EPOCH,
    });
    expect(await sendIn(0, ['b=1'], 1)).toMatchObject({ kind: 'appended' });
  });

  it('take no marker of an older coordinator, and no batch outside of them', async () => {
    await sendIn(0, ['a=1']);
    await between();
    expect(await send(1, ['b=1'])).toMatchObject({ code: errorCodes.INVALID_TXN_STATE });
    await log.appendMarker('commit', 7, 0, 3);
    await between();
    await expect(log.appendMarker('commit', 7, 0, 2)).rejects.toMatchObject({
      code: errorCodes.TRANSACTION_COORDINATOR_FENCED,
    });
  });
});

it('a transaction is decided for readers only when its marker is on the disk', async () => {
  await sendIn(0, ['a=1']);
  const marked = log.appendMarker('commit', 7, 0, 0);
  expect(log.lastStableOffset).toBe(0);
  await marked;
  expect(log.lastStableOffset).toBe(2);
});

it('a transaction that began in what was deleted holds readers back at the start of the log', async () => {
  await sendIn(0, ['a=1', 'b=1']);
  await log.deleteRecords(1);
  expect(log.lastStableOffset).toBe(1);
  await send(0, ['c=1'], 0, 1);
  expect(log.lastStableOffset).toBe(1);
  await restart();
  expect(log.lastStableOffset).toBe(1);
  await log.appendMarker('commit', 7, 0, 0);
  expect(log.lastStableOffset).toBe(4);
});
