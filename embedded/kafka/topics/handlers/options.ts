import type { TopicRegistry } from '../registry.ts';
import type { CheckTransaction } from './produce.ts';

/** Where clients find this broker. */
export interface Endpoint {
  readonly nodeId: number;
  readonly host: string;
  readonly port: number;
}

/** What the handlers need. */
export interface DataHandlersOptions {
  readonly topics: TopicRegistry;
  /** Asked with every request: the port is known when the broker listens. */
  readonly endpoint: () => Endpoint;
  readonly clusterId: string;
  /** Whether the transaction of a producer writes to a partition; every one does when missing. */
  readonly checkTransaction?: CheckTransaction;
}
