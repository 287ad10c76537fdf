import { describe, expect, it } from 'vitest';
import { partitionOf } from './partitioner.ts';

// Expected values: org.apache.kafka.common.utils.Utils.toPositive(Utils.murmur2(key)) of kafka-clients 4.1.1.
const murmur2: readonly (readonly [string, number])[] = [
  ['21', 1_173_551_340],
  ['foobar', 1_357_151_166],
  ['a-little-bit-long-string', 1_161_502_112],
  ['a-little-bit-longer-string', 661_178_819],
];

describe('the partition of a key', () => {
  it.each(murmur2)('of %s is the one that Kafka’s own partitioner takes', (key, hash) => {
    for (const partitions of [1, 2, 12, 97]) expect(partitionOf(key, partitions)).toBe(hash % partitions);
  });

  it('is the same for the same key, and below the number of partitions', () => {
    for (let n = 0; n < 1000; n++) {
      const partition = partitionOf(`key-${String(n)}`, 12);
      expect(partition).toBe(partitionOf(`key-${String(n)}`, 12));
      expect(partition).toBeLessThan(12);
    }
  });
});
