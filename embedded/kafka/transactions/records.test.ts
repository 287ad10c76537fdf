// Records of `__transaction_state`: the bytes are Kafka's, and are read as they were written.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { producerIdsEntry, readEntry, transactionEntry } from './records.ts';
import { transactionStates, type Transaction } from './transaction.ts';

test('a transaction is a TransactionLogKey of version 0 and a TransactionLogValue of version 1', () => {
  const { key, value } = transactionEntry({
    ...{
      transactionalId: 'shop',
      producerId: 7,
      producerEpoch: 2,
      previousProducerId: -1,
      lastProducerEpoch: -1,
    },
    ...{ timeoutMs: 60_000, state: 'Ongoing', startedAt: 1, updatedAt: 2 },
    partitions: [{ topic: 'a', partition: 3 }],
  });
  expect(key.toString('hex')).toBe(`00000004${Buffer.from('shop').toString('hex')}`);
  const fields = [
    '0001', // version
    '0000000000000007', // producer id
    '0002', // epoch
    '0000ea60', // time-out
    '01', // ongoing
    '02', // one topic
    '0261', // 'a'
    '0200000003', // one partition
    '00', // no tags of the topic
    '0000000000000002', // updated
    '0000000000000001', // started
    '00', // no tags
  ];
  expect(value?.toString('hex')).toBe(fields.join(''));
});

const id = fc.nat(Number.MAX_SAFE_INTEGER);
const epoch = fc.integer({ min: -1, max: 32_767 });
const transaction: fc.Arbitrary<Transaction> = fc.record({
  ...{ transactionalId: fc.string(), producerId: id, producerEpoch: epoch, lastProducerEpoch: epoch },
  previousProducerId: fc.oneof(fc.constant(-1), id),
  timeoutMs: fc.nat(900_000),
  state: fc.constantFrom(...transactionStates),
  partitions: fc
    .array(fc.record({ topic: fc.constantFrom('a', 'b'), partition: fc.nat(5) }), { maxLength: 5 })
    .map((all) => [...all].sort((a, b) => a.topic.localeCompare(b.topic))),
  startedAt: fc.oneof(fc.constant(-1), id),
  updatedAt: id,
});

test('every record is read as it was written', () => {
  fc.assert(
    fc.property(transaction, id, (written, next) => {
      const { key, value } = transactionEntry(written);
      const { transactionalId } = written;
      expect(readEntry(key, value)).toEqual({ kind: 'transaction', transactionalId, transaction: written });
      const ids = producerIdsEntry(next);
      expect(readEntry(ids.key, ids.value)).toEqual({ kind: 'producer ids', next });
    }),
  );
});

test('keys that are not known are passed over', () => {
  expect(readEntry(Buffer.from('0009', 'hex'), Buffer.alloc(0))).toBeUndefined();
});
