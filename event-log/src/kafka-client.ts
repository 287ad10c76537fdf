// How this project talks to Kafka through kafkajs: one factory, so that time-outs, retries and logging are the same everywhere.
// kafkajs logs through the service's own logger; what it calls an error while it retries by itself is a warning here.
import { Kafka, logLevel, type KafkaConfig, type RetryOptions } from 'kafkajs';
import type { Logger } from 'pino';
import './idle-timers.ts';

/** Retries of everything but the appender: about 20 s in all, then the caller is told. */
export const patientRetry: RetryOptions = {
  initialRetryTime: 100,
  multiplier: 2,
  maxRetryTime: 5_000,
  retries: 8,
};

/**
 * Retries inside a transaction. A transaction begun right after another on the same producer is answered
 * CONCURRENT_TRANSACTIONS until the other's markers are written, 1–2 ms on a healthy broker: so try again soon, and often.
 * In all about 20 s, like the others.
 */
export const promptRetry: RetryOptions = {
  initialRetryTime: 1,
  multiplier: 1.3,
  maxRetryTime: 500,
  retries: 60,
};

/** Creates a kafkajs client whose log goes to `logger`. */
export function kafkaClient(
  brokers: readonly string[],
  clientId: string,
  logger: Logger,
  retry: RetryOptions,
): Kafka {
  const kafkaLogger = logger.child({ component: 'kafkajs' });
  const config: KafkaConfig = {
    clientId,
    brokers: [...brokers],
    retry,
    connectionTimeout: 3_000,
    requestTimeout: 30_000,
    logLevel: logLevel.INFO,
    logCreator:
      () =>
      ({ log: { message, timestamp: _timestamp, logger: _logger, ...details } }) => {
        // Whatever it warns of it retries, or it throws; then we report it, once.
        kafkaLogger.debug(details, message);
      },
  };
  return new Kafka(config);
}
