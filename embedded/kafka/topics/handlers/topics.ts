// CreateTopics, DeleteTopics and CreatePartitions. Each topic of a request has an answer of its own.
import { errorCodes, ProtocolError, type ErrorCode } from '../../protocol/errors.ts';
import type { Handlers } from '../../protocol/handler.ts';
import type { CreateTopicsRequest, CreateTopicsResponse } from '../../protocol/messages/create-topics.ts';
import type { NewTopic, TopicRegistry } from '../registry.ts';
import { topicEntries } from './config-entries.ts';

type Asked = CreateTopicsRequest['topics'][number];

const noId = 'AAAAAAAAAAAAAAAAAAAAAA';
const defaultPartitions = 1;
const replicas = 1;

/** The handlers of CreateTopics, DeleteTopics and CreatePartitions. */
export function topicHandlers(
  topics: TopicRegistry,
  nodeId: () => number,
): Pick<Handlers, 'createTopics' | 'deleteTopics' | 'createPartitions'> {
  async function create(asked: Asked, isRepeated: boolean, validateOnly: boolean) {
    return await answered(
      { name: asked.name, topicId: noId, numPartitions: -1, replicationFactor: -1, configs: null },
      async () => {
        if (isRepeated) throw new ProtocolError(errorCodes.INVALID_REQUEST, 'Duplicate topic name.');
        const topic = newTopic(asked, nodeId());
        topics.check(topic);
        const made = validateOnly ? undefined : await topics.create(topic);
        const result: Partial<NonNullable<CreateTopicsResponse['topics']>[number]> = {
          topicId: made?.id ?? noId,
          numPartitions: topic.partitions,
          replicationFactor: replicas,
          configs: topicEntries(topic.settings),
        };
        return result;
      },
    );
  }

  return {
    async createTopics({ topics: asked, validateOnly }) {
      const repeated = repeats(asked.map(({ name }) => name));
      return {
        topics: await Promise.all(asked.map((each) => create(each, repeated.has(each.name), validateOnly))),
      };
    },

    async deleteTopics(request) {
      const asked =
        request.topics.length > 0
          ? request.topics
          : request.topicNames.map((name) => ({ name, topicId: noId }));
      const repeated = repeats(asked.map(({ name, topicId }) => name ?? topicId));
      const responses = asked.map(({ name, topicId }) => {
        const known = name ?? topics.byId(topicId)?.name;
        return answered({ name: known ?? null, topicId }, async () => {
          if (repeated.has(name ?? topicId)) {
            throw new ProtocolError(errorCodes.INVALID_REQUEST, 'Duplicate topic name or id.');
          }
          if (known === undefined) throw new ProtocolError(errorCodes.UNKNOWN_TOPIC_ID);
          const id = topics.get(known)?.id ?? topicId;
          await topics.delete(known);
          return { topicId: id };
        });
      });
      return { responses: await Promise.all(responses) };
    },

    async createPartitions({ topics: asked, validateOnly }) {
      const repeated = repeats(asked.map(({ name }) => name));
      const results = asked.map(({ name, count, assignments }) =>
        answered({ name }, async () => {
          if (repeated.has(name))
            throw new ProtocolError(errorCodes.INVALID_REQUEST, 'Duplicate topic name.');
          topics.checkPartitionCount(name, count);
          const added = count - (topics.get(name)?.partitions.length ?? 0);
          if (assignments !== null) {
            if (assignments.length !== added) {
              throw new ProtocolError(
                errorCodes.INVALID_REPLICA_ASSIGNMENT,
                `Attempted to add ${String(added)} additional partition(s), but only ${String(assignments.length)} assignment(s) were specified.`,
              );
            }
            checkReplicas(assignments, nodeId());
          }
          if (!validateOnly) await topics.addPartitions(name, count);
          return {};
        }),
      );
      return { results: await Promise.all(results) };
    },
  };
}

/** The answer for one topic: what `action` gives over `start`, or its error. */
async function answered<Start extends object, Result extends object>(
  start: Start,
  action: () => Promise<Result>,
): Promise<Start & Partial<Result> & { errorCode: ErrorCode; errorMessage: string | null }> {
  try {
    return { ...start, ...(await action()), errorCode: errorCodes.NONE, errorMessage: null };
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    return { ...start, ...({} as Partial<Result>), errorCode: error.code, errorMessage: error.message };
  }
}

const repeats = (names: readonly string[]): Set<string> =>
  new Set(names.filter((name, i) => names.indexOf(name) !== i));

/** What a request asks for, with the broker's defaults. */
function newTopic(
  { name, numPartitions, replicationFactor, assignments, configs }: Asked,
  nodeId: number,
): NewTopic {
  const settings = new Map<string, string>();
  for (const { name: setting, value } of configs) {
    if (value === null) {
      throw new ProtocolError(
        errorCodes.INVALID_CONFIG,
        `Null value not supported for topic configs: ${setting}`,
      );
    }
    settings.set(setting, value);
  }
  if (assignments.length > 0) {
    if (numPartitions !== -1 || replicationFactor !== -1) {
      throw new ProtocolError(
        errorCodes.INVALID_REQUEST,
        'A manual partition assignment was specified, but numPartitions or replicationFactor was not set to -1.',
      );
    }
    const indexes = assignments.map(({ partitionIndex }) => partitionIndex).sort((a, b) => a - b);
    if (indexes.some((index, i) => index !== i)) {
      throw new ProtocolError(
        errorCodes.INVALID_REPLICA_ASSIGNMENT,
        'partitions should be a consecutive 0-based integer sequence',
      );
    }
    checkReplicas(assignments, nodeId);
    return { name, partitions: assignments.length, settings };
  }
  if (replicationFactor !== -1 && replicationFactor < 1) {
    throw new ProtocolError(
      errorCodes.INVALID_REPLICATION_FACTOR,
      'Replication factor must be larger than 0, or -1 to use the default value.',
    );
  }
  if (replicationFactor > replicas) {
    throw new ProtocolError(
      errorCodes.INVALID_REPLICATION_FACTOR,
      `The target replication factor of ${String(replicationFactor)} cannot be reached because only ${String(replicas)} broker(s) are registered.`,
    );
  }
  return { name, partitions: numPartitions === -1 ? defaultPartitions : numPartitions, settings };
}

function checkReplicas(
  assignments: readonly { readonly brokerIds: readonly number[] }[],
  nodeId: number,
): void {
  for (const { brokerIds } of assignments) {
    if (brokerIds.length !== 1 || brokerIds[0] !== nodeId) {
      throw new ProtocolError(
        errorCodes.INVALID_REPLICA_ASSIGNMENT,
        `The manual partition assignment ${brokerIds.join(', ')} is not of this broker, ${String(nodeId)}, alone.`,
      );
    }
  }
}
