// The log in memory, for tests: what is appended is there, and it can be told to fail.
import { LogError, type SchemasLog } from '../log.ts';
import type { KeyValue } from '../records.ts';

export interface MemoryLog extends SchemasLog {
  readonly records: KeyValue[];
  /** What the next appends do: fail without a trace, or fail although the records are written. */
  fail: 'no' | 'not written' | 'written all the same';
}

export function memoryLog(records: KeyValue[] = []): MemoryLog {
  const log: MemoryLog = {
    records,
    fail: 'no',
    prepare: () => Promise.resolve('cluster'),
    readAll: () =>
      log.fail === 'no'
        ? Promise.resolve({ records: [...records], end: records.length })
        : Promise.reject(new LogError('unknown', 'away', undefined)),
    append(added) {
      const offset = records.length;
      if (log.fail !== 'not written') records.push(...added);
      return log.fail === 'no'
        ? Promise.resolve(offset)
        : Promise.reject(new LogError('timed out', 'no answer', undefined));
    },
    close: () => Promise.resolve(),
  };
  return log;
}
