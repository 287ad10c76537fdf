// Records of `__consumer_offsets`: the bytes are Kafka's, and are read as they were written.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { groupEntry, offsetEntry, pendingEntry, readEntry, type GroupRecord } from './records.ts';

const hex = (...parts: readonly string[]): string => parts.join('').replaceAll(' ', '');
const text = (value: string): string => Buffer.from(value).toString('hex');

test('a committed offset is an OffsetCommitKey of version 1 and an OffsetCommitValue of version 3', () => {
  const { key, value } = offsetEntry(
    { group: 'shop', topic: 'orders', partition: 2 },
    { offset: 258, leaderEpoch: -1, metadata: 'é', commitTimestamp: 1 },
  );
  expect(key.toString('hex')).toBe(hex('0001', '0004', text('shop'), '0006', text('orders'), '00000002'));
  expect(value?.toString('hex')).toBe(
    hex('0003', '00000000 00000102', 'ffffffff', '0002', text('é'), '00000000 00000001'),
  );
});

test('a group is a GroupMetadataKey of version 2 and a GroupMetadataValue of version 3', () => {
  const { key, value } = groupEntry({
    ...{ groupId: 'shop', protocolType: 'consumer', generation: 3, protocol: null, leader: null },
    currentStateTimestamp: 5,
    members: [],
  });
  expect(key.toString('hex')).toBe(hex('0002', '0004', text('shop')));
  expect(value?.toString('hex')).toBe(
    hex('0003', '0008', text('consumer'), '00000003', 'ffff', 'ffff', '00000000 00000005', '00000000'),
  );
});

const name = fc.string({ maxLength: 20 });
const bytes = fc.uint8Array({ maxLength: 40 }).map((array) => Buffer.from(array));
const time = fc.nat(Number.MAX_SAFE_INTEGER);
const key = fc.record({ group: name, topic: name, partition: fc.nat() });
const committed = fc.record({
  offset: time,
  leaderEpoch: fc.integer({ min: -1, max: 1000 }),
  metadata: name,
  commitTimestamp: time,
});
const group: fc.Arbitrary<GroupRecord> = fc.record({
  groupId: name,
  protocolType: name,
  generation: fc.nat(),
  protocol: fc.option(name),
  leader: fc.option(name),
  currentStateTimestamp: time,
  members: fc.array(
    fc.record({
      ...{ memberId: name, groupInstanceId: fc.option(name), clientId: name, clientHost: name },
      ...{ rebalanceTimeout: fc.nat(), sessionTimeout: fc.nat(), subscription: bytes, assignment: bytes },
    }),
    { maxLength: 3 },
  ),
});

test('every record is read as it was written', () => {
  fc.assert(
    fc.property(key, committed, group, fc.nat(), (offsetKey, offset, record, producerId) => {
      const offsetRead = offsetEntry(offsetKey, offset);
      expect(readEntry(offsetRead.key, offsetRead.value)).toEqual({
        kind: 'offset',
        key: offsetKey,
        committed: offset,
      });
      const pending = pendingEntry(producerId, offsetKey, offset);
      const read = readEntry(pending.key, pending.value);
      expect(read).toEqual({ kind: 'pending offset', producerId, key: offsetKey, committed: offset });
      const kept = groupEntry(record);
      expect(readEntry(kept.key, kept.value)).toEqual({ kind: 'group', groupId: record.groupId, record });
    }),
  );
});

test('keys that are not known are passed over', () => {
  expect(readEntry(Buffer.from('0003', 'hex'), Buffer.alloc(0))).toBeUndefined();
});
