// The partition of a key: murmur2 of its UTF-8 bytes, as Kafka's own default partitioner does it (KIP-480 left keyed records
// alone), so that the Java tools agree with us. It is computed once, here, and sent explicitly.
import { Partitioners } from 'kafkajs';

const partitioner = Partitioners.DefaultPartitioner();

const metadata = new Map<
  number,
  { partitionErrorCode: number; partitionId: number; leader: number; replicas: number[]; isr: number[] }[]
>();

function partitionMetadata(partitions: number) {
  let known = metadata.get(partitions);
  if (known === undefined) {
    known = Array.from({ length: partitions }, (_, partitionId) => ({
      partitionErrorCode: 0,
      partitionId,
      leader: 0,
      replicas: [0],
      isr: [0],
    }));
    metadata.set(partitions, known);
  }
  return known;
}

/**
 * The partition that a key belongs to.
 * @param key the aggregate's id
 * @param partitions how many partitions the topic has; at least 1
 */
export const partitionOf = (key: string, partitions: number): number =>
  partitioner({ topic: '', partitionMetadata: partitionMetadata(partitions), message: { key, value: null } });
