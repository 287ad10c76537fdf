// A registry on a log in memory, asked without a network.
import { createContents } from '../content.ts';
import { buildServer } from '../http/server.ts';
import { createRegistry } from '../registry.ts';
import { openStore } from '../store.ts';
import { memoryLog, type MemoryLog } from './memory-log.ts';

export interface TestAnswer {
  readonly status: number;
  readonly body: unknown;
}

export interface TestRegistry {
  ask(method: 'GET' | 'POST' | 'PUT' | 'DELETE', url: string, body?: unknown): Promise<TestAnswer>;
  /** Registers a schema; answers what comes back. */
  register(subject: string, schema: unknown, more?: object): Promise<TestAnswer>;
  readonly app: ReturnType<typeof buildServer>;
  readonly log: MemoryLog;
  close(): Promise<void>;
}

export async function testRegistry(log: MemoryLog = memoryLog()): Promise<TestRegistry> {
  const store = await openStore(log);
  const contents = createContents(store.state);
  const app = buildServer({ registry: createRegistry(store, contents), contents, clusterId: 'cluster' });
  const ask: TestRegistry['ask'] = async (method, url, body) => {
    const sent =
      body === undefined
        ? {}
        : { payload: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
    const answer = await app.inject({ method, url, ...sent });
    return { status: answer.statusCode, body: answer.json() };
  };
  return {
    ask,
    register: (subject, schema, more = {}) =>
      ask('POST', `/subjects/${subject}/versions`, { schema: JSON.stringify(schema), ...more }),
    app,
    log,
    async close() {
      store.close();
      await app.close();
    },
  };
}
