// One structured log line per fact, as JSON on standard output (pino). Every line says which service wrote it.
import { pino, type DestinationStream, type Logger } from 'pino';

export type { Logger } from 'pino';

/** An empty variable counts as unset; a wrong one is reported with the rest of the configuration. */
const levelOf = (variable: string | undefined): string =>
  variable === 'silent' || (variable !== undefined && variable in pino.levels.values) ? variable : 'info';

/**
 * A logger for one service.
 *
 * @param options.service - the service's name, in every line
 * @param options.level - pino level; by default LOG_LEVEL, else `info`
 * @param options.destination - where lines go; by default standard output
 */
export function createLogger(options: {
  readonly service: string;
  readonly level?: string;
  readonly destination?: DestinationStream;
}): Logger {
  return pino(
    {
      level: options.level ?? levelOf(process.env.LOG_LEVEL),
      base: { service: options.service },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: ['req.headers.authorization', 'req.headers.cookie'],
    },
    options.destination ?? pino.destination({ fd: 1, sync: true }),
  );
}
