// A logger for tests that keeps its lines.
import { createLogger, type Logger } from '@comptoir/service';

export interface CapturedLog {
  readonly logger: Logger;
  /** The lines of one level. */
  of(level: string): Record<string, unknown>[];
}

export function captureLog(): CapturedLog {
  const lines: Record<string, unknown>[] = [];
  const destination = {
    write: (line: string) => {
      lines.push(JSON.parse(line) as Record<string, unknown>);
    },
  };
  return {
    logger: createLogger({ service: 'test', level: 'debug', destination }),
    of: (level) => lines.filter((line) => line.level === level),
  };
}
