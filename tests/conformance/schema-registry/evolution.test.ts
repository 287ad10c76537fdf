// Generated schemas and their evolution: every registry must decide as Apache Avro does, which schemas they take and which read
// which. `PAIRS` sets how many pairs (200 by default), `SEED` repeats a run.
import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { startAvroReference, type AvroReference } from './avro-reference.ts';
import { oddSchemas, pairs, records, schemas, type Json } from './generated-schemas.ts';
import { ask, codeOf, freshSubject, type Answer } from './http.ts';
import type { Target } from '../setup.ts';

const count = Number(process.env.PAIRS ?? 200);
const seed = Number(process.env.SEED ?? Date.now() % 1_000_000);
const isThere = ['java', 'mvn'].every(
  (program) => spawnSync(program, ['-version'], { stdio: 'ignore' }).status === 0,
);

/** A name is used before it is defined: Avro 1.12 for Java takes it, its specification does not. */
const isForward = (schema: string): boolean => {
  const defined = new Set<string>(['null', 'boolean', 'int', 'long', 'float', 'double', 'bytes', 'string']);
  const walk = (type: Json, space: string): boolean => {
    if (typeof type === 'string')
      return !defined.has(type) && !defined.has(space === '' ? type : `${space}.${type}`);
    if (Array.isArray(type)) return type.some((branch: Json) => walk(branch, space));
    if (typeof type !== 'object' || type === null) return false;
    const { name, namespace, fields, items, values, type: kind } = type as Record<string, Json>;
    let inner = space;
    if (
      typeof name === 'string' &&
      typeof kind === 'string' &&
      !defined.has(kind) &&
      kind !== 'array' &&
      kind !== 'map'
    ) {
      if (!['record', 'error', 'enum', 'fixed'].includes(kind)) return walk(kind, space);
      const full = name.includes('.')
        ? name
        : `${typeof namespace === 'string' ? namespace : space}.${name}`.replace(/^\./u, '');
      defined.add(full);
      inner = full.includes('.') ? full.slice(0, full.lastIndexOf('.')) : '';
    }
    return (
      [items, values].some((child) => child !== undefined && walk(child, inner)) ||
      (Array.isArray(fields) &&
        fields.some((field: Json) => walk((field as Record<string, Json>).type ?? 'null', inner)))
    );
  };
  return walk(JSON.parse(schema) as Json, '');
};

/** Apicurio 2.6.13 runs out of stack on some recursive schemas, and answers 500. */
const hasFailed = (target: Target, { status }: Answer): boolean => target.name === 'real' && status === 500;

/** Subjects that are not needed any more go: Apicurio lists a thousand at most. */
async function remove(target: Target, subject: string): Promise<void> {
  await ask(target, 'DELETE', `/subjects/${subject}`);
  await ask(target, 'DELETE', `/subjects/${subject}?permanent=true`);
}

/** What a registry says of a pair: `compatible`, `incompatible` with its reasons, or why it does not say. */
async function compare(
  target: Target,
  subject: string,
  reader: string,
): Promise<{ verdict: string; places: string[] }> {
  const path = `/compatibility/subjects/${subject}/versions/latest?verbose=true`;
  const answer = await ask(target, 'POST', path, { schema: reader });
  if (answer.status !== 200) return { verdict: `error ${String(codeOf(answer))}`, places: [] };
  const { is_compatible: isCompatible, messages = [] } = answer.body as {
    is_compatible: boolean;
    messages?: string[];
  };
  const reasons = messages.filter((message) => message.startsWith('{errorType'));
  const places = reasons.map(
    (message) => /errorType:'(\w+)'.*additionalInfo:'(.*)'\}$/u.exec(message)?.slice(1).join(' ') ?? message,
  );
  return { verdict: isCompatible ? 'compatible' : 'incompatible', places };
}

describe.skipIf(!isThere)(`generated schemas (SEED=${String(seed)})`, () => {
  let reference: AvroReference;
  beforeAll(async () => {
    reference = await startAvroReference();
  });
  afterAll(() => reference.stop());

  it.each(inject('schemaRegistry'))(
    'are taken, and printed, as by Apache Avro ($name)',
    async (target) => {
      const tried = { taken: 0, refused: 0, 'used before defined': 0, failed: 0 };
      for (const value of fc.sample(fc.oneof(schemas, records, oddSchemas), { numRuns: count, seed })) {
        const schema = JSON.stringify(value);
        const expected = await reference.parse(schema);
        const subject = freshSubject();
        const answer = await ask(target, 'POST', `/subjects/${subject}/versions`, { schema });
        const isTaken = answer.status === 200;
        if (hasFailed(target, answer)) {
          tried.failed += 1;
          continue;
        }
        if ('text' in expected && isForward(schema)) {
          tried['used before defined'] += 1;
          // Apicurio takes some of them.
          if (target.name === 'embedded') expect(isTaken).toBe(false);
          continue;
        }
        expect(isTaken, `${schema}\n${JSON.stringify(expected)}\n${JSON.stringify(answer)}`).toBe(
          'text' in expected,
        );
        tried[isTaken ? 'taken' : 'refused'] += 1;
        if (!('text' in expected)) continue;
        const version = (await ask(target, 'GET', `/subjects/${subject}/versions/1`)).body as {
          schema: string;
        };
        // Apicurio answers the text as it was sent.
        expect(version.schema).toBe(target.name === 'real' ? schema : expected.text);
        await remove(target, subject);
      }
      console.log(
        `${target.name}: ${String(count)} schemas (SEED=${String(seed)}), ${JSON.stringify(tried)}`,
      );
    },
    600_000,
  );

  it('read each other, or not, as Apache Avro says, on every registry', async () => {
    const targets = inject('schemaRegistry');
    const tried: Record<string, Record<string, number>> = {};
    const note = (name: string, what: string): void => {
      const counted = (tried[name] ??= {});
      counted[what] = (counted[what] ?? 0) + 1;
    };
    for (const [older, younger] of fc.sample(pairs, { numRuns: count, seed })) {
      const [writer, reader] = [JSON.stringify(older), JSON.stringify(younger)];
      const expected = await reference.compare(reader, writer);
      for (const target of targets) {
        const subject = freshSubject();
        const registered = await ask(target, 'POST', `/subjects/${subject}/versions`, { schema: writer });
        if (hasFailed(target, registered)) {
          note(target.name, 'failed');
          continue;
        }
        if (registered.status !== 200) {
          note(target.name, 'writer refused');
          expect('error' in expected || isForward(writer), `${writer} ${JSON.stringify(registered)}`).toBe(
            true,
          );
          continue;
        }
        await ask(target, 'PUT', `/config/${subject}`, { compatibility: 'BACKWARD' });
        const { verdict, places } = await compare(target, subject, reader);
        const about = `reader ${reader}\nwriter ${writer}\n${JSON.stringify({ expected, verdict, places }, undefined, 2)}`;
        await remove(target, subject);
        if (target.name === 'real' && verdict === 'error 0') {
          note(target.name, 'failed');
          continue;
        }
        if ('error' in expected || isForward(reader)) {
          note(target.name, 'no schema');
          // Apicurio takes some names before they are defined, and then must say what Avro for Java says.
          const mayTake = target.name === 'real' && 'found' in expected && expected.found.length === 0;
          if (!mayTake) expect(verdict, about).not.toBe('compatible');
          continue;
        }
        note(target.name, verdict);
        expect(verdict, about).toBe(expected.found.length === 0 ? 'compatible' : 'incompatible');
        // Apicurio gives its reasons in other words.
        if (target.name === 'embedded')
          expect(places, about).toEqual(expected.found.map((line) => line.replace(/ \/\S*/u, '')));
      }
    }
    console.log(`${String(count)} pairs (SEED=${String(seed)}): ${JSON.stringify(tried)}`);
    expect(Object.values(tried).length).toBe(targets.length);
  }, 600_000);
});
