// The handlers of the APIs of topics and records, as the broker merges them with those of groups and transactions.
import type { Handlers } from '../protocol/handler.ts';
import { clusterHandlers } from './handlers/cluster.ts';
import { configHandlers } from './handlers/configs.ts';
import { fetchHandler } from './handlers/fetch.ts';
import { listOffsetsHandler } from './handlers/list-offsets.ts';
import type { DataHandlersOptions } from './handlers/options.ts';
import { partitionHandlers } from './handlers/partitions.ts';
import { produceHandler } from './handlers/produce.ts';
import { topicHandlers } from './handlers/topics.ts';

type Served =
  | 'produce'
  | 'fetch'
  | 'listOffsets'
  | 'metadata'
  | 'describeCluster'
  | 'createTopics'
  | 'deleteTopics'
  | 'createPartitions'
  | 'deleteRecords'
  | 'describeConfigs'
  | 'alterConfigs'
  | 'incrementalAlterConfigs'
  | 'offsetForLeaderEpoch'
  | 'describeProducers';

/** The handlers of topics and records, by API. */
export function dataHandlers(options: DataHandlersOptions): Pick<Handlers, Served> {
  const { topics, endpoint, checkTransaction } = options;
  return {
    produce: produceHandler(topics, checkTransaction),
    fetch: fetchHandler(topics),
    listOffsets: listOffsetsHandler(topics),
    ...clusterHandlers(options),
    ...topicHandlers(topics, () => endpoint().nodeId),
    ...partitionHandlers(topics),
    ...configHandlers(topics, endpoint),
  };
}
