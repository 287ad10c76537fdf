// The topics are the only source of truth, so they must keep everything for ever. `ensureTopics` creates what lacks and
// refuses to go on with a topic that could lose history, saying which command puts it right.
import type { Topic } from '@comptoir/schemas';
import kafkajs, { type Admin } from 'kafkajs';

/** What a topic of events must be set to: nothing is ever removed, and nothing is compacted. */
const required: Readonly<Record<string, string>> = {
  'cleanup.policy': 'delete',
  'retention.ms': '-1',
  'retention.bytes': '-1',
};

/** A topic that exists but must not be used as it is. The message says what to change. */
export class UnsafeTopicError extends Error {
  override readonly name = 'UnsafeTopicError';
}

/**
 * Creates the topics that do not exist, and checks all of them.
 * @param partitions how many partitions a topic gets when it is created; one that exists keeps its own number
 * @returns the number of partitions of each topic
 * @throws UnsafeTopicError when a topic could lose history
 */
export async function ensureTopics(
  admin: Admin,
  topics: readonly Topic[],
  partitions: number,
): Promise<Map<Topic, number>> {
  const existing = new Set(await admin.listTopics());
  const missing = topics.filter((topic) => !existing.has(topic));
  if (missing.length > 0) {
    const configEntries = Object.entries(required).map(([name, value]) => ({ name, value }));
    try {
      await admin.createTopics({
        waitForLeaders: true,
        topics: missing.map((topic) => ({ topic, numPartitions: partitions, configEntries })),
      });
    } catch (error) {
      // Another service of the same start was quicker; the checks below hold for its topic too.
      if (!createdByAnother(error)) throw error;
    }
  }
  await refuseUnsafe(admin, topics);
  const { topics: metadata } = await admin.fetchTopicMetadata({ topics: [...topics] });
  const counts = new Map(metadata.map(({ name, partitions: found }) => [name, found.length]));
  return new Map(
    topics.map((topic) => {
      const count = counts.get(topic);
      if (count === undefined || count === 0) throw new Error(`topic ${topic} has no partitions yet`);
      return [topic, count];
    }),
  );
}

function createdByAnother(error: unknown): boolean {
  const errors = error instanceof AggregateError || hasErrors(error) ? error.errors : [error];
  return errors.every(
    (each) => each instanceof kafkajs.KafkaJSProtocolError && each.type === 'TOPIC_ALREADY_EXISTS',
  );
}

const hasErrors = (error: unknown): error is Error & { errors: unknown[] } =>
  error instanceof Error && 'errors' in error && Array.isArray(error.errors);

async function refuseUnsafe(admin: Admin, topics: readonly Topic[]): Promise<void> {
  const { resources } = await admin.describeConfigs({
    includeSynonyms: false,
    resources: topics.map((name) => ({
      type: kafkajs.ConfigResourceTypes.TOPIC,
      name,
      configNames: Object.keys(required),
    })),
  });
  const complaints = resources.flatMap(({ resourceName, configEntries }) =>
    configEntries
      .filter(({ configName, configValue }) => configName in required && required[configName] !== configValue)
      .map(({ configName, configValue }) => ({ topic: resourceName, configName, configValue })),
  );
  if (complaints.length === 0) return;
  const sentences = complaints.map(
    ({ topic, configName, configValue }) =>
      `topic ${topic} has ${configName}=${configValue} and could lose history. Set it: kafka-configs.sh --alter ` +
      `--entity-type topics --entity-name ${topic} --add-config ${configName}=${String(required[configName])}`,
  );
  throw new UnsafeTopicError(sentences.join('\n'));
}
