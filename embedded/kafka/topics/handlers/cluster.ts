// Metadata and DescribeCluster: this broker, the topics, and that it leads every partition. A topic that is asked for and not there
// is made, as Kafka does by default (`auto.create.topics.enable`), with one partition.
import { errorCodes, ProtocolError } from '../../protocol/errors.ts';
import type { Handlers } from '../../protocol/handler.ts';
import { leaderEpoch } from '../../log/partition-log.ts';
import type { Topic, TopicRegistry } from '../registry.ts';
import type { DataHandlersOptions } from './options.ts';

/** KIP-919: what kind of nodes a client means to talk to. */
const endpointTypes = { broker: 1, controller: 2 };

const noId = 'AAAAAAAAAAAAAAAAAAAAAA';

/** The handlers of Metadata and DescribeCluster. */
export function clusterHandlers({
  topics,
  endpoint,
  clusterId,
}: DataHandlersOptions): Pick<Handlers, 'metadata' | 'describeCluster'> {
  return {
    async metadata(request, { apiVersion }) {
      const { nodeId, host, port } = endpoint();
      // Version 0 has no null: none named are all.
      const named = apiVersion === 0 && request.topics?.length === 0 ? null : request.topics;
      const answers =
        named === null
          ? topics.list().map((topic) => describe(topic, nodeId))
          : await Promise.all(
              named.map(async ({ name, topicId }) => {
                try {
                  const topic =
                    name === null
                      ? byId(topics, topicId)
                      : await byName(topics, name, request.allowAutoTopicCreation);
                  return describe(topic, nodeId);
                } catch (error) {
                  if (!(error instanceof ProtocolError)) throw error;
                  return { ...missing, errorCode: error.code, name, topicId };
                }
              }),
            );
      return {
        brokers: [{ nodeId, host, port, rack: null }],
        clusterId,
        controllerId: nodeId,
        topics: answers,
      };
    },

    describeCluster(request) {
      const { nodeId, host, port } = endpoint();
      const { endpointType } = request;
      if (endpointType !== endpointTypes.broker) {
        const isKnown = endpointType === endpointTypes.controller;
        return {
          errorCode: isKnown ? errorCodes.MISMATCHED_ENDPOINT_TYPE : errorCodes.UNSUPPORTED_ENDPOINT_TYPE,
          errorMessage: 'The request was sent to an endpoint of type BROKER.',
          endpointType,
          clusterId: '',
          controllerId: -1,
          brokers: [],
        };
      }
      return {
        errorCode: errorCodes.NONE,
        errorMessage: null,
        endpointType,
        clusterId,
        controllerId: nodeId,
        brokers: [{ brokerId: nodeId, host, port, rack: null }],
      };
    },
  };
}

const missing = { isInternal: false, partitions: [] };

const describe = (topic: Topic, nodeId: number) => ({
  errorCode: errorCodes.NONE,
  name: topic.name,
  topicId: topic.id,
  isInternal: topic.isInternal,
  partitions: topic.partitions.map((_, partitionIndex) => ({
    errorCode: errorCodes.NONE,
    partitionIndex,
    leaderId: nodeId,
    leaderEpoch,
    replicaNodes: [nodeId],
    isrNodes: [nodeId],
    offlineReplicas: [],
  })),
});

function byId(topics: TopicRegistry, id: string): Topic {
  const topic = id === noId ? undefined : topics.byId(id);
  if (topic === undefined) throw new ProtocolError(errorCodes.UNKNOWN_TOPIC_ID);
  return topic;
}

async function byName(topics: TopicRegistry, name: string, mayCreate: boolean): Promise<Topic> {
  const topic = topics.get(name);
  if (topic !== undefined) return topic;
  if (!mayCreate) {
    topics.checkName(name);
    throw new ProtocolError(errorCodes.UNKNOWN_TOPIC_OR_PARTITION);
  }
  try {
    return await topics.create({ name, partitions: 1, settings: new Map() });
  } catch (error) {
    // Somebody was quicker.
    const made = topics.get(name);
    if (made !== undefined) return made;
    throw error;
  }
}
