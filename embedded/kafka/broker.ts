// The broker: opens what is durable in the order in which it depends on each other, puts the handlers of all APIs together, listens,
// and closes in the opposite order.
import { join } from 'node:path';
import { takeFolder } from './folder.ts';
import { GroupCoordinator } from './groups/coordinator.ts';
import { groupHandlers } from './groups/handlers.ts';
import { openCompactedStore } from './log/compacted-store.ts';
import type { ConnectionLimits } from './protocol/connection.ts';
import { errorCodes } from './protocol/errors.ts';
import type { Handlers } from './protocol/handler.ts';
import { listen, type ListeningServer } from './protocol/server.ts';
import { createService } from './protocol/service.ts';
import { dataHandlers } from './topics/handlers.ts';
import { TopicRegistry } from './topics/registry.ts';
import { TransactionCoordinator } from './transactions/coordinator.ts';
import { transactionHandlers } from './transactions/handlers.ts';

/** How a broker is started. */
export interface BrokerOptions {
  /** Its data are in `kafka` in it. */
  readonly dataDir: string;
  /** 0 picks a free one. */
  readonly port: number;
  /** Address to listen on; 127.0.0.1 by default. */
  readonly host?: string;
  /** Told what an operator should know, a line at a time; standard error by default. */
  readonly log?: (line: string) => void;
  readonly limits?: Partial<ConnectionLimits>;
}

/** A running broker. */
export interface Broker {
  /** What clients connect to, and what Metadata advertises. */
  readonly host: string;
  readonly port: number;
  readonly clusterId: string;
  /** Connections now. */
  readonly connections: number;
  /** Answers what is in hand, closes connections, writes what is left and frees the folder. */
  readonly stop: () => Promise<void>;
}

/** The only broker of its cluster. */
const nodeId = 0;

const toStandardError = (line: string): void => {
  process.stderr.write(`embedded kafka: ${line}\n`);
};

/** An address that a client can connect to: a wildcard is none. */
const reachable = (host: string): string => (host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host);

/** Deleting a topic deletes the offsets committed for it: they mean nothing for a later topic of that name. */
const withOffsets =
  (deleteTopics: Handlers['deleteTopics'], groups: GroupCoordinator): Handlers['deleteTopics'] =>
  async (request, context) => {
    const response = await deleteTopics(request, context);
    for (const { name, errorCode } of response?.responses ?? [])
      if (errorCode === errorCodes.NONE && typeof name === 'string') await groups.forgetTopic(name);
    return response;
  };

/**
 * Starts a broker.
 *
 * @throws Error when another broker has the folder, or with Node's code when the port cannot be had (`EADDRINUSE`)
 */
export async function startBroker(options: BrokerOptions): Promise<Broker> {
  const { dataDir, port, host = '127.0.0.1', log = toStandardError, limits = {} } = options;
  const closing: (() => Promise<void> | void)[] = [];
  /** Closes what was opened, the last first, each whatever became of the others. */
  const close = async (): Promise<void> => {
    const errors: unknown[] = [];
    for (const each of closing.splice(0).reverse()) {
      try {
        await each();
      } catch (error) {
        errors.push(error);
      }
    }
    if (errors.length > 0) throw new AggregateError(errors, 'stopping the broker');
  };
  let stopped: Promise<void> | undefined;
  try {
    const folder = await takeFolder(dataDir);
    closing.push(() => folder.release());
    const topics = await TopicRegistry.open({ directory: join(folder.path, 'topics'), report: log });
    closing.push(() => topics.close());
    const groups = await GroupCoordinator.open({
      store: await openCompactedStore(topics, '__consumer_offsets'),
    });
    closing.push(() => {
      groups.close();
    });
    const transactions = await TransactionCoordinator.open({
      store: await openCompactedStore(topics, '__transaction_state'),
      topics,
      endOffsets: (producerId, committed) => groups.commits.endTransaction(producerId, committed),
    });
    closing.push(() => transactions.close());

    const endpoint = { nodeId, host: reachable(host), port };
    const data = dataHandlers({
      topics,
      clusterId: folder.clusterId,
      endpoint: () => endpoint,
      checkTransaction: (transactionalId, producer, topic, partition) =>
        transactions.checkPart(transactionalId, producer, { topic, partition }),
    });
    const service = createService(
      {
        ...data,
        deleteTopics: withOffsets(data.deleteTopics, groups),
        ...groupHandlers({ groups, topics, endpoint: () => endpoint }),
        ...transactionHandlers({ transactions, groups, topics }),
      },
      (error, doing) => {
        log(`${doing} failed: ${error.stack ?? error.message}`);
      },
    );
    const server: ListeningServer = await listen({ host, port, service, log, limits });
    endpoint.port = server.port;
    closing.push(() => server.close());
    return {
      ...endpoint,
      clusterId: folder.clusterId,
      get connections() {
        return server.connections;
      },
      stop: () => (stopped ??= close()),
    };
  } catch (error) {
    await close();
    throw error;
  }
}
