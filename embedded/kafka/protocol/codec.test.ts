import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { apis, type ApiName } from './apis.ts';
import { readStruct, writeStruct } from './codec.ts';
import { MalformedMessage } from './malformed.ts';
import { Reader } from './reader.ts';
import { array, int32, nullable, string, tagged, type Fields } from './schema.ts';
import { message } from './testing/arbitrary.ts';
import { sample, type SampleKind } from './testing/sample.ts';
import { Writer } from './writer.ts';

const encode = (fields: Fields, version: number, flexible: boolean, value: unknown): Buffer => {
  const writer = new Writer();
  writeStruct(fields, { version, flexible })(writer, value);
  const { length } = writer;
  const bytes = Buffer.concat(writer.finish());
  expect(bytes.length).toBe(length);
  return bytes;
};

const decode = (fields: Fields, version: number, flexible: boolean, bytes: Buffer): unknown => {
  const reader = new Reader(bytes);
  const value = readStruct(fields, { version, flexible })(reader);
  expect(reader.remaining).toBe(0);
  return value;
};

const isApiName = (name: string): name is ApiName => name in apis;
const names = Object.keys(apis).filter(isApiName);

const everyMessage = names.flatMap((name) => {
  const { versions, flexibleFrom, request, response } = apis[name];
  const [first, last] = versions;
  return Array.from({ length: last - first + 1 }, (_, i) => first + i).flatMap((version) => [
    { name, version, side: 'request', fields: request, flexible: version >= flexibleFrom },
    { name, version, side: 'response', fields: response, flexible: version >= flexibleFrom },
  ]);
});

describe('every message in every version', () => {
  it.each(everyMessage)(
    '$name $version $side decodes to what was encoded',
    ({ version, fields, flexible }) => {
      fc.assert(
        fc.property(message(fields, version), (value) => {
          expect(decode(fields, version, flexible, encode(fields, version, flexible, value))).toEqual(value);
        }),
        { numRuns: 15 },
      );
    },
  );

  // The file holds what the classes of Apache Kafka 4.1.1 write for the values of testing/sample.ts.
  const apaches = readFileSync(new URL('testing/apache-messages.txt', import.meta.url), 'utf8')
    .trim()
    .split('\n');

  it('is the bytes that Apache Kafka writes for the same values', () => {
    let compared = 0;
    for (const line of apaches) {
      const [name = '', version = '', side, kind, bytes = ''] = line.split(' ');
      const known = everyMessage.find(
        (each) => each.name === name && each.version === Number(version) && each.side === side,
      );
      if (known === undefined) throw new Error(`no table for ${line}`);
      const value = sample(known.fields, known.version, kind as SampleKind);
      const ours = encode(known.fields, known.version, known.flexible, value).toString('hex');
      expect(`${name} ${version} ${String(side)} ${String(kind)} ${ours}`).toBe(line);
      expect(decode(known.fields, known.version, known.flexible, Buffer.from(bytes, 'hex'))).toMatchObject(
        value,
      );
      compared += 1;
    }
    expect(compared).toBeGreaterThan(600);
  });
});

describe('fields', () => {
  const fields = {
    name: string(),
    count: int32('2+', -1),
    note: nullable(string(), '1+'),
    parts: array(int32()),
    hint: tagged(3, string('2+')),
  };

  it('take their default in a version that does not have them', () => {
    const bytes = encode(fields, 0, false, { name: 'a', count: 7, parts: [], hint: 'b' });
    expect(decode(fields, 0, false, bytes)).toEqual({ name: 'a', count: -1, note: '', parts: [], hint: '' });
  });

  it('are sent empty instead of null in a version that knows no null for them', () => {
    expect(encode(fields, 0, false, { name: 'a', parts: [], note: null })).toEqual(
      encode(fields, 0, false, { name: 'a', parts: [], note: '' }),
    );
  });

  it('with a tag are not sent while they have their default', () => {
    const bytes = encode(fields, 2, true, { name: 'a', parts: [], hint: '' });
    expect(bytes.at(-1)).toBe(0);
  });

  it('with an unknown tag are skipped', () => {
    const newer = { ...fields, later: tagged(9, int32('2+')) };
    const bytes = encode(newer, 2, true, { name: 'a', parts: [1], hint: 'b', later: 5 });
    expect(decode(fields, 2, true, bytes)).toEqual({
      name: 'a',
      count: -1,
      note: null,
      parts: [1],
      hint: 'b',
    });
  });

  it('of the wrong type are refused by name', () => {
    expect(() => encode(fields, 0, false, { name: 'a', parts: ['b'] })).toThrow(
      'parts: a number expected, not string',
    );
  });
});

describe('bytes that are not the message', () => {
  it('are malformed where they end too early, wherever that is', () => {
    const { request } = apis.fetch;
    const whole = encode(request, 12, true, sample(request, 12, 'full'));
    for (let length = 0; length < whole.length; length++)
      expect(() =>
        readStruct(request, { version: 12, flexible: true })(new Reader(whole.subarray(0, length))),
      ).toThrow(MalformedMessage);
  });

  it.each([
    ['a string longer than the frame', { text: string() }, Buffer.from([0x7f, 0xff, 1, 2])],
    ['a negative length where there is no null', { text: string() }, Buffer.from([0xff, 0xff])],
    [
      'an array of more items than bytes',
      { items: array(string()) },
      Buffer.from([0x7f, 0xff, 0xff, 0xff, 0]),
    ],
  ])('are malformed with %s', (_, fields, bytes) => {
    expect(() => readStruct(fields, { version: 0, flexible: false })(new Reader(bytes))).toThrow(
      MalformedMessage,
    );
  });

  it('are malformed when a large frame claims millions of tiny items', () => {
    const count = 2_000_000;
    const bytes = Buffer.alloc(4 + count * 2);
    bytes.writeInt32BE(count);
    expect(() =>
      readStruct({ items: array(string()) }, { version: 0, flexible: false })(new Reader(bytes)),
    ).toThrow(MalformedMessage);
  });
});

describe('numbers of 64 bits', () => {
  it('are exact from -2^53 to 2^53, and -1 is -1', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.maxSafeInteger(), fc.constantFrom(-1, -2, 0, 2 ** 32, 2 ** 31, -(2 ** 32))),
        (value) => {
          const writer = new Writer();
          writer.int64(value);
          writer.varlong(value > 2 ** 51 || value < -(2 ** 51) ? 0 : value);
          const bytes = Buffer.concat(writer.finish());
          expect(bytes.readBigInt64BE()).toBe(BigInt(value));
          const reader = new Reader(bytes);
          expect(reader.int64()).toBe(value);
          expect(reader.varlong()).toBe(value > 2 ** 51 || value < -(2 ** 51) ? 0 : value);
        },
      ),
    );
  });

  it('beyond that decode to the nearest, and the largest comes back as it was', () => {
    const bytes = Buffer.from('7fffffffffffffff', 'hex');
    const value = new Reader(bytes).int64();
    expect(value).toBe(2 ** 63);
    const writer = new Writer();
    writer.int64(value);
    expect(Buffer.concat(writer.finish())).toEqual(bytes);
  });
});
