/** Whether an error comes from kafkajs: a broker is away, a group changes hands. */
export const isOfClient = (error: unknown): error is Error =>
  error instanceof Error && error.name.startsWith('KafkaJS');

/**
 * How an error goes into a log line: one of kafkajs as its message alone, since it was thrown deep inside and its stack tells
 * nobody anything; every other one whole.
 */
export const errorFields = (error: unknown): { reason: string } | { err: unknown } =>
  isOfClient(error) ? { reason: error.message } : { err: error };
