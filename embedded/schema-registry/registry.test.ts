// What the conformance suite cannot reach in other registries, on a log in memory.
import { afterEach, describe, expect, it } from 'vitest';
import { testRegistry, type TestRegistry } from './testing/server.ts';

const running: TestRegistry[] = [];
async function start(...args: Parameters<typeof testRegistry>): Promise<TestRegistry> {
  const registry = await testRegistry(...args);
  running.push(registry);
  return registry;
}
afterEach(async () => {
  for (const registry of running.splice(0)) await registry.close();
});

const record = (fields: readonly object[], more: object = {}) => ({
  type: 'record',
  name: 'R',
  fields,
  ...more,
});
const field = { name: 'a', type: 'int' };

describe('the registry', () => {
  it('never gives an id again, not even after a hard deletion, compaction and a restart', async () => {
    const registry = await start();
    await registry.register('a', 'string');
    await registry.ask('DELETE', '/subjects/a');
    await registry.ask('DELETE', '/subjects/a?permanent=true');
    // What compaction leaves: the last record of each key, and no deletions.
    const left = new Map(registry.log.records.map(({ key, value }) => [String(key), value]));
    registry.log.records.splice(0);
    for (const [key, value] of left)
      if (value !== null) registry.log.records.push({ key: Buffer.from(key), value });
    const again = await start(registry.log);
    expect(await again.register('b', 'int')).toEqual({ status: 200, body: { id: 2 } });
  });

  it('finds a schema by its meaning: with references resolved, and with attributes in another order', async () => {
    const registry = await start();
    const customer = record([field], { name: 'Customer' });
    await registry.register('customer', customer);
    const order = record([{ name: 'by', type: 'Customer' }], { name: 'Order' });
    const references = [{ name: 'Customer', subject: 'customer', version: -1 }];
    const { body } = await registry.register('order', order, { references });
    expect(body).toEqual({ id: 2 });
    const { body: stored } = await registry.ask('GET', '/subjects/order/versions/1');
    expect(stored).toMatchObject({ references: [{ name: 'Customer', subject: 'customer', version: 1 }] });
    const inline = record([{ name: 'by', type: customer }], { name: 'Order' });
    expect(await registry.register('order', inline)).toEqual({ status: 200, body });
    await registry.register('props', { type: 'string', b: 1, a: 2 });
    expect((await registry.register('props', { type: 'string', a: 2, b: 1 })).body).toEqual({ id: 3 });
  });

  it('normalizes when it is asked to, by the request or the configuration', async () => {
    const registry = await start();
    const schema = JSON.stringify({ type: 'string', b: 1, a: 2 });
    await registry.ask('POST', '/subjects/s/versions?normalize=true', { schema });
    expect((await registry.ask('GET', '/subjects/s/versions/1')).body).toMatchObject({
      schema: '{"type":"string","a":2,"b":1}',
    });
    await registry.ask('PUT', '/config/t', { normalize: true });
    await registry.register('t', { type: 'int', b: 1, a: 2 });
    expect((await registry.ask('GET', '/subjects/t/versions/1')).body).toMatchObject({
      schema: '{"type":"int","a":2,"b":1}',
    });
  });

  it('shows what references bring when the format is `resolved`', async () => {
    const registry = await start();
    await registry.register('customer', record([field], { name: 'Customer' }));
    const references = [{ name: 'Customer', subject: 'customer', version: 1 }];
    await registry.register('order', ['null', 'Customer'], { references });
    const { body } = await registry.ask('GET', '/subjects/order/versions/1?format=resolved');
    expect(JSON.parse((body as { schema: string }).schema)).toEqual([
      'null',
      record([field], { name: 'Customer' }),
    ]);
  });

  it('leaves everything as it was when Kafka does not take a write, and says 500', async () => {
    const registry = await start();
    await registry.register('a', 'string');
    registry.log.fail = 'not written';
    const writes = [
      registry.register('b', 'int'),
      registry.ask('DELETE', '/subjects/a'),
      registry.ask('PUT', '/config', { compatibility: 'NONE' }),
      registry.ask('PUT', '/mode', { mode: 'READONLY' }),
    ];
    for (const { status, body } of await Promise.all(writes)) {
      expect(status).toBe(500);
      expect([50001, 50002]).toContain((body as { error_code: number }).error_code);
    }
    expect((await registry.ask('GET', '/subjects')).body).toEqual(['a']);
    // What is there already needs no write.
    expect((await registry.register('a', 'string')).body).toEqual({ id: 1 });
    registry.log.fail = 'no';
    expect((await registry.register('b', 'int')).status).toBe(200);
  });

  it('removes a subject’s configuration and mode with its last version', async () => {
    const registry = await start();
    await registry.register('a', 'string');
    await registry.ask('PUT', '/config/a', { compatibility: 'FULL' });
    await registry.ask('PUT', '/mode/a', { mode: 'READWRITE' });
    await registry.ask('DELETE', '/subjects/a');
    await registry.ask('DELETE', '/subjects/a?permanent=true');
    expect((await registry.ask('GET', '/config/a')).status).toBe(404);
    expect((await registry.ask('GET', '/mode/a')).status).toBe(404);
  });

  it('pages lists, and filters them by prefix and by what is deleted', async () => {
    const registry = await start();
    for (const subject of ['a1', 'a2', 'b1']) await registry.register(subject, 'string');
    await registry.ask('DELETE', '/subjects/a2');
    const list = async (query: string): Promise<unknown> =>
      (await registry.ask('GET', `/subjects${query}`)).body;
    expect(await list('')).toEqual(['a1', 'b1']);
    expect(await list('?subjectPrefix=a&deleted=true')).toEqual(['a1', 'a2']);
    expect(await list('?deletedOnly=true')).toEqual(['a2']);
    expect(await list('?offset=1&limit=1')).toEqual(['b1']);
    expect((await registry.ask('GET', '/schemas?subjectPrefix=:*:b&latestOnly=true')).body).toMatchObject([
      { subject: 'b1' },
    ]);
  });

  it('serves no contexts, metadata, rules or tags, and says so', async () => {
    const registry = await start();
    expect((await registry.register(':.context:a', 'string')).body).toMatchObject({ error_code: 42208 });
    for (const more of [{ metadata: {} }, { ruleSet: {} }])
      expect((await registry.register('a', 'string', more)).body).toMatchObject({ error_code: 422 });
    expect((await registry.ask('PUT', '/config', { alias: 'b' })).body).toMatchObject({ error_code: 422 });
  });
});
