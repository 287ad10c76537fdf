// Whatever is done to a registry, one that starts from its log, compacted or not, knows the same; and the references and ids of
// a registry hold at any time.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { memoryLog } from './testing/memory-log.ts';
import { testRegistry, type TestRegistry } from './testing/server.ts';

const subject = fc.constantFrom('a', 'b', 'c');
const schema = fc.constantFrom(
  '"int"',
  '"string"',
  '{"type":"fixed","name":"F","size":1}',
  '["null","F"]',
  '{"type":"array","items":"F"}',
);
const references = fc.option(
  fc.record({ name: fc.constant('F'), subject, version: fc.constantFrom(1, 2, -1) }).map((one) => [one]),
  { nil: undefined },
);
const permanent = fc.constantFrom('', '?permanent=true');
const version = fc.constantFrom('1', '2', 'latest');

type Step = readonly ['POST' | 'PUT' | 'DELETE', string, object?];
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc
      .tuple(subject, schema, references)
      .map(([s, text, refs]): Step => [
        'POST',
        `/subjects/${s}/versions`,
        { schema: text, references: refs },
      ]),
  },
  {
    weight: 2,
    arbitrary: fc
      .tuple(subject, version, permanent)
      .map(([s, v, query]): Step => ['DELETE', `/subjects/${s}/versions/${v}${query}`]),
  },
  {
    weight: 2,
    arbitrary: fc.tuple(subject, permanent).map(([s, query]): Step => ['DELETE', `/subjects/${s}${query}`]),
  },
  fc
    .tuple(subject, fc.constantFrom('NONE', 'FULL'))
    .map(([s, compatibility]): Step => ['PUT', `/config/${s}`, { compatibility }]),
  subject.map((s): Step => ['DELETE', `/config/${s}`]),
  fc
    .tuple(fc.constantFrom('', '/a'), fc.constantFrom('IMPORT', 'READWRITE'))
    .map(([s, mode]): Step => ['PUT', `/mode${s}`, { mode }]),
  fc
    .tuple(subject, schema, fc.integer({ min: 1, max: 30 }), fc.integer({ min: 1, max: 4 }))
    .map(([s, text, id, number]): Step => [
      'POST',
      `/subjects/${s}/versions`,
      { schema: text, id, version: number },
    ]),
);

const paths = [
  '/schemas?deleted=true',
  '/schemas',
  '/subjects?deleted=true',
  '/subjects',
  '/config/a',
  '/config/b',
  '/config/c',
  '/mode',
  '/mode/a',
];
const known = (registry: TestRegistry): Promise<unknown[]> =>
  Promise.all(paths.map(async (path) => (await registry.ask('GET', path)).body));

interface Stored {
  readonly id: number;
  readonly schema: string;
  readonly references?: readonly { readonly subject: string; readonly version: number }[];
  readonly subject: string;
  readonly version: number;
}

describe('any history', () => {
  it('is found again from the log, compacted or not', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
        const registry = await testRegistry();
        await registry.ask('PUT', '/config', { compatibility: 'NONE' });
        const given = new Map<number, string>();
        for (const [method, path, body] of steps) {
          const answer = await registry.ask(method, path, body);
          expect(answer.status, JSON.stringify([steps, answer])).toBeLessThan(500);
          const all = (await registry.ask('GET', '/schemas?deleted=true')).body as Stored[];
          const there = new Set(all.map((stored) => `${stored.subject} ${String(stored.version)}`));
          for (const stored of all) {
            // An id stands for one schema, for ever.
            const content = JSON.stringify([stored.schema, stored.references]);
            expect(given.get(stored.id) ?? content).toBe(content);
            given.set(stored.id, content);
            for (const target of stored.references ?? [])
              expect(there).toContain(`${target.subject} ${String(target.version)}`);
          }
        }
        const left = new Map(registry.log.records.map(({ key, value }) => [String(key), value]));
        // Compaction keeps the last record of each key where it is, and drops deletions at last.
        const compacted = registry.log.records.filter(
          ({ key, value }) => value !== null && left.get(String(key)) === value,
        );
        const before = await known(registry);
        for (const records of [[...registry.log.records], compacted]) {
          const again = await testRegistry(memoryLog(records));
          expect(await known(again)).toEqual(before);
          const { body } = await again.register('new', { type: 'record', name: 'New', fields: [] });
          const highest = Math.max(0, ...given.keys());
          if ('id' in (body as object)) expect((body as { id: number }).id).toBeGreaterThan(highest);
          await again.close();
        }
        await registry.close();
      }),
      { numRuns: 60 },
    );
  }, 60_000);
});
