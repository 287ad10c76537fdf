import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compatibilityLevels, modes } from './model.ts';
import { decode, encode, type Change } from './records.ts';

const name = fc.string({ minLength: 1, maxLength: 5 });
const number = fc.integer({ min: 1, max: 1_000 });
const change: fc.Arbitrary<Change> = fc.oneof(
  fc.record({
    kind: fc.constant('schema' as const),
    value: fc.record({
      subject: name,
      version: number,
      id: number,
      schema: fc.string(),
      schemaType: fc.constantFrom(undefined, 'JSON'),
      references: fc.array(fc.record({ name, subject: name, version: number }), { maxLength: 2 }),
      deleted: fc.boolean(),
    }),
  }),
  fc.record({ kind: fc.constant('schema removed' as const), subject: name, version: number }),
  fc.record({ kind: fc.constant('subject deleted' as const), subject: name, upTo: number }),
  fc.record({
    kind: fc.constant('config' as const),
    subject: fc.option(name, { nil: undefined }),
    config: fc.option(
      fc.record({
        compatibilityLevel: fc.constantFrom(undefined, ...compatibilityLevels),
        normalize: fc.constantFrom(undefined, true, false),
      }),
      { nil: undefined },
    ),
  }),
  fc.record({
    kind: fc.constant('mode' as const),
    subject: fc.option(name, { nil: undefined }),
    mode: fc.option(fc.constantFrom(...modes), { nil: undefined }),
  }),
  fc.record({ kind: fc.constant('highest id' as const), id: number }),
);

describe('records of _schemas', () => {
  it('say what was written', () => {
    fc.assert(
      fc.property(change, (written) => {
        expect(decode(encode(written))).toEqual(written);
      }),
    );
  });

  it('are Confluent’s', () => {
    const { key, value } = encode({
      kind: 'schema',
      value: { subject: 's', version: 1, id: 7, schema: '"int"', references: [], deleted: false },
    });
    expect(String(key)).toBe('{"keytype":"SCHEMA","subject":"s","version":1,"magic":1}');
    expect(String(value)).toBe('{"subject":"s","version":1,"id":7,"schema":"\\"int\\"","deleted":false}');
    const config = {
      key: Buffer.from('{"keytype":"CONFIG","subject":null,"magic":0}'),
      value: Buffer.from('{"compatibilityLevel":"FULL"}'),
    };
    expect(decode(config)).toMatchObject({
      kind: 'config',
      subject: undefined,
      config: { compatibilityLevel: 'FULL' },
    });
  });

  it('that cannot be read mean nothing', () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.option(fc.uint8Array()), fc.json(), (key, value, json) => {
        const bytes = value === null ? null : Buffer.from(value);
        expect(decode({ key: Buffer.from(key), value: bytes })).toBeUndefined();
        const broken = {
          key: Buffer.from('{"keytype":"SCHEMA","subject":"s","version":1}'),
          value: Buffer.from(json),
        };
        expect(decode(broken)?.kind).not.toBe('schema');
      }),
    );
  });
});
