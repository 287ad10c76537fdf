/**
 * How an error goes into a log line: one of kafkajs (a broker is away, a group changes hands) as its message alone, since it
 * was thrown deep inside and its stack tells nobody anything; every other one whole.
 */
export const errorFields = (error: unknown): { reason: string } | { err: unknown } =>
  error instanceof Error && error.name.startsWith('KafkaJS') ? { reason: error.message } : { err: error };
