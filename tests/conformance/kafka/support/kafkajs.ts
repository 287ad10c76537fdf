// What the suites of kafkajs share: a quiet client, and consumers that are waited for.
import { CompressionTypes, Kafka, logLevel, type Consumer, type KafkaMessage } from 'kafkajs';
import { vi } from 'vitest';
import { patient } from './data.ts';

/** A client of the broker at `127.0.0.1:9092`. */
export const kafkajsAt = (address: string): Kafka =>
  new Kafka({ brokers: [address], clientId: 'conformance-kafkajs', logLevel: logLevel.NOTHING });

export { CompressionTypes };

/** What a consumer has seen so far. */
export interface Seen {
  readonly messages: readonly (KafkaMessage & { readonly topic: string; readonly partition: number })[];
  /** Waits until there are so many messages. */
  until(count: number): Promise<void>;
}

/** Subscribes a connected consumer and collects what it is given. */
export async function collect(consumer: Consumer, topic: string, fromBeginning = true): Promise<Seen> {
  const messages: (KafkaMessage & { topic: string; partition: number })[] = [];
  await consumer.subscribe({ topic, fromBeginning });
  await consumer.run({
    autoCommitInterval: 50,
    eachMessage: ({ topic: from, partition, message }) => {
      messages.push({ ...message, topic: from, partition });
      return Promise.resolve();
    },
  });
  return {
    messages,
    until: (count) =>
      vi.waitFor(() => {
        if (messages.length < count)
          throw new Error(`${String(messages.length)} messages have come of ${String(count)}`);
      }, patient),
  };
}
