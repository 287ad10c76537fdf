// The embedded registry on each broker there is: what it keeps over restarts, what it writes to the topic, and what becomes of it
// while Kafka is away.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startKafka, startSchemaRegistry, type StartedServer } from '@comptoir/embedded';
import { Kafka, logLevel } from 'kafkajs';
import { afterEach, describe, expect, inject, it } from 'vitest';
import { ask, codeOf, record, register } from './http.ts';
import type { Target } from '../setup.ts';

const id = { name: 'id', type: 'string' };
const asTarget = ({ address }: StartedServer): Target => ({ name: 'embedded', address });

const cleanUp: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const done of cleanUp.splice(0).reverse()) await done();
});

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'comptoir-registry-'));
  cleanUp.push(() => rm(path, { recursive: true, force: true, maxRetries: 3 }));
  return path;
}

async function kafkaIn(dataDir: string, port = 0): Promise<StartedServer> {
  const kafka = await startKafka({ dataDir, port });
  cleanUp.push(() => kafka.stop());
  return kafka;
}

async function registryOn(kafka: string): Promise<StartedServer> {
  const registry = await startSchemaRegistry({ dataDir: '', port: 0, kafka });
  cleanUp.push(() => registry.stop());
  return registry;
}

async function readTopic(kafka: string): Promise<{ key: string; value: string | undefined }[]> {
  const client = new Kafka({ brokers: [kafka], logLevel: logLevel.NOTHING });
  const admin = client.admin();
  await admin.connect();
  const [partition] = await admin.fetchTopicOffsets('_schemas');
  await admin.disconnect();
  const consumer = client.consumer({ groupId: `test-${String(Date.now())}` });
  await consumer.connect();
  await consumer.subscribe({ topic: '_schemas', fromBeginning: true });
  const records: { key: string; value: string | undefined }[] = [];
  await new Promise<void>((resolve, reject) => {
    consumer
      .run({
        eachMessage: ({ message }) => {
          records.push({ key: String(message.key), value: message.value?.toString() });
          if (Number(message.offset) + 1 >= Number(partition?.high)) resolve();
          return Promise.resolve();
        },
      })
      .catch(reject);
  });
  await consumer.disconnect();
  return records;
}

describe.each(inject('kafka'))('the embedded registry on the $name Kafka', ({ name, address }) => {
  // The registry of the suite writes to the embedded broker's topic already: one of our own for that.
  const broker = async (): Promise<string> =>
    name === 'real' ? address : (await kafkaIn(await folder())).address;

  it('keeps everything over a restart', async () => {
    const kafka = await broker();
    const before = await registryOn(kafka);
    const subject = `kept-${String(Date.now())}`;
    const paths = [
      '/subjects?deleted=true',
      '/schemas?deleted=true',
      `/config/${subject}`,
      `/mode/${subject}`,
    ];
    const given = await register(asTarget(before), subject, record([id]));
    await register(asTarget(before), subject, record([id, { name: 'n', type: 'int', default: 0 }]));
    await ask(asTarget(before), 'PUT', `/config/${subject}`, { compatibility: 'FULL' });
    await ask(asTarget(before), 'PUT', `/mode/${subject}`, { mode: 'READWRITE' });
    await register(asTarget(before), `${subject}-gone`, '"string"');
    await ask(asTarget(before), 'DELETE', `/subjects/${subject}-gone`);
    await ask(asTarget(before), 'DELETE', `/subjects/${subject}/versions/2`);
    const answers = await Promise.all(
      paths.map(async (path) => (await ask(asTarget(before), 'GET', path)).body),
    );
    await before.stop();
    const after = await registryOn(kafka);
    expect(
      await Promise.all(paths.map(async (path) => (await ask(asTarget(after), 'GET', path)).body)),
    ).toEqual(answers);
    expect(await register(asTarget(after), subject, record([id]))).toBe(given);
  });

  it('writes records as Confluent’s registry does', async () => {
    const kafka = await broker();
    const registry = asTarget(await registryOn(kafka));
    const subject = `records-${String(Date.now())}`;
    const given = await register(registry, subject, record([id], { doc: subject }));
    await ask(registry, 'PUT', `/config/${subject}`, { compatibility: 'NONE' });
    await ask(registry, 'DELETE', `/subjects/${subject}`);
    await ask(registry, 'DELETE', `/subjects/${subject}?permanent=true`);
    const records = (await readTopic(kafka)).filter(({ key }) => key.includes(subject));
    expect(records.map(({ key }) => key)).toEqual([
      `{"keytype":"SCHEMA","subject":"${subject}","version":1,"magic":1}`,
      `{"keytype":"CONFIG","subject":"${subject}","magic":0}`,
      `{"keytype":"DELETE_SUBJECT","subject":"${subject}","magic":0}`,
      `{"keytype":"SCHEMA","subject":"${subject}","version":1,"magic":1}`,
      `{"keytype":"CONFIG","subject":"${subject}","magic":0}`,
    ]);
    expect(JSON.parse(records[0]?.value ?? '')).toMatchObject({
      subject,
      version: 1,
      id: given,
      deleted: false,
    });
    expect(records.slice(3).map(({ value }) => value)).toEqual([undefined, undefined]);
  });

  it('refuses a schema that Kafka finds too large with 42209, and goes on', async () => {
    const registry = asTarget(await registryOn(await broker()));
    const schema = record([id], { doc: 'x'.repeat(1_200_000) });
    const answer = await ask(registry, 'POST', `/subjects/large/versions`, { schema });
    expect([answer.status, codeOf(answer)]).toEqual([422, 42209]);
    await expect(register(registry, `small-${String(Date.now())}`, '"string"')).resolves.toBeGreaterThan(0);
  });
});

describe.runIf(inject('kafka').some(({ name }) => name === 'embedded'))(
  'while Kafka is away, the embedded registry',
  () => {
    it('goes on reading, refuses writes within 5 s, and writes again when Kafka is back', async () => {
      const dataDir = await folder();
      const kafka = await kafkaIn(dataDir);
      const registry = asTarget(await registryOn(kafka.address));
      const given = await register(registry, 'a', '"string"');
      await kafka.stop();
      const start = performance.now();
      const refused = await Promise.all(
        ['b', 'c', 'd'].map((subject) =>
          ask(registry, 'POST', `/subjects/${subject}/versions`, { schema: '"int"' }),
        ),
      );
      expect(performance.now() - start).toBeLessThan(5_500);
      for (const answer of refused) {
        expect(answer.status).toBe(500);
        expect([50001, 50002]).toContain(codeOf(answer));
      }
      expect((await ask(registry, 'GET', `/schemas/ids/${String(given)}`)).status).toBe(200);
      await kafkaIn(dataDir, kafka.port);
      expect(await register(registry, 'b', '"int"')).toBeGreaterThan(given);
    });

    it('waits for a broker that is not there yet', async () => {
      const dataDir = await folder();
      const first = await startKafka({ dataDir, port: 0 });
      await first.stop();
      const starting = registryOn(first.address);
      await kafkaIn(dataDir, first.port);
      await expect(register(asTarget(await starting), 'a', '"string"')).resolves.toBe(1);
    });
  },
);
