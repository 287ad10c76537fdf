// kafkajs's connection to a cluster, typed as far as log.ts uses it. kafkajs reads a topic only in a consumer group, which takes
// several requests and leaves a group behind; its Cluster and Broker classes speak the protocol directly. kafkajs is pinned to
// 2.2.4, and no newer version has appeared since 2023.
declare module 'kafkajs/src/cluster/index.js' {
  import type { Socket } from 'node:net';

  interface Logger {
    namespace(name: string): Logger;
    debug(message: string): void;
    info(message: string): void;
    warn(message: string): void;
    error(message: string): void;
  }

  interface OfPartition {
    readonly partition: number;
  }
  interface OfTopic<P extends OfPartition> {
    readonly topic: string;
    readonly partitions: readonly P[];
  }
  interface FetchedMessage {
    readonly offset: string;
    readonly key: Buffer | null;
    readonly value: Buffer | null;
    readonly isControlRecord?: boolean;
  }

  export interface Broker {
    fetch(request: {
      readonly maxWaitTime: number;
      readonly minBytes: number;
      readonly maxBytes: number;
      readonly isolationLevel: number;
      readonly topics: readonly OfTopic<
        OfPartition & { readonly fetchOffset: string; readonly maxBytes: number }
      >[];
    }): Promise<{
      readonly responses: readonly {
        readonly partitions: readonly {
          readonly highWatermark: string;
          readonly messages: readonly FetchedMessage[];
        }[];
      }[];
    }>;
    produce(request: {
      readonly acks: number;
      readonly timeout: number;
      readonly topicData: readonly OfTopic<
        OfPartition & {
          readonly messages: readonly {
            readonly key: Buffer;
            readonly value: Buffer | null;
            readonly timestamp: string;
          }[];
        }
      >[];
    }): Promise<{
      readonly topics: readonly { readonly partitions: readonly { readonly baseOffset: string }[] }[];
    }>;
    listOffsets(request: {
      readonly replicaId: number;
      readonly isolationLevel: number;
      readonly topics: readonly OfTopic<OfPartition & { readonly timestamp: number }>[];
    }): Promise<{
      readonly responses: readonly { readonly partitions: readonly { readonly offset: string }[] }[];
    }>;
    createTopics(request: {
      readonly topics: readonly {
        readonly topic: string;
        readonly numPartitions: number;
        readonly replicationFactor: number;
        readonly configEntries: readonly { readonly name: string; readonly value: string }[];
      }[];
      readonly timeout: number;
    }): Promise<unknown>;
    describeConfigs(request: {
      readonly resources: readonly {
        readonly type: number;
        readonly name: string;
        readonly configNames: readonly string[];
      }[];
    }): Promise<{
      readonly resources: readonly {
        readonly configEntries: readonly {
          readonly configName: string;
          readonly configValue: string | null;
        }[];
      }[];
    }>;
  }

  export default class Cluster {
    constructor(options: {
      readonly logger: Logger;
      readonly brokers: readonly string[];
      readonly clientId: string;
      readonly connectionTimeout: number;
      readonly requestTimeout: number;
      readonly enforceRequestTimeout: boolean;
      readonly metadataMaxAge: number;
      readonly allowAutoTopicCreation: boolean;
      readonly retry: { readonly retries: number };
      readonly socketFactory: (at: {
        readonly host: string;
        readonly port: number;
        readonly onConnect: () => void;
      }) => Socket;
    });
    connect(): Promise<void>;
    disconnect(): Promise<void>;
    addTargetTopic(topic: string): Promise<void>;
    findTopicPartitionMetadata(
      topic: string,
    ): readonly { readonly partitionId: number; readonly leader: number }[];
    findBroker(options: { readonly nodeId: number }): Promise<Broker>;
    findControllerBroker(): Promise<Broker>;
    metadata(options: { readonly topics: readonly string[] }): Promise<{
      readonly clusterId: string | null;
      readonly brokers: readonly unknown[];
    }>;
  }
}
