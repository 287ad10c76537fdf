import * as bson from 'bson';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkDocument, decodeDocument, documentSize, readField } from './read.ts';
import { values } from './testing.ts';
import { docOf, int32 } from './value.ts';
import { BsonWriter, encodeDocument } from './write.ts';
import { MongoError } from '../errors.ts';

const reading = {
  promoteValues: false,
  promoteBuffers: false,
  promoteLongs: false,
  bsonRegExp: true,
} as const;

describe('BSON', () => {
  it('reads what it writes, for every type', () => {
    fc.assert(
      fc.property(
        fc.dictionary(
          fc.string({ unit: 'grapheme' }).filter((s) => !s.includes('\0')),
          values,
        ),
        (fields) => {
          const bytes = encodeDocument(docOf(fields));
          checkDocument(bytes);
          expect(documentSize(bytes)).toBe(bytes.length);
          expect(encodeDocument(decodeDocument(bytes)).equals(bytes)).toBe(true);
          for (const name of Object.keys(fields)) {
            const value = readField(bytes, name);
            expect(value).toBeDefined();
            expect(value).toEqual(decodeDocument(bytes).get(name));
          }
          expect(readField(bytes, '\0none')).toBeUndefined();
        },
      ),
    );
  });

  it('agrees with the bson package, byte for byte', () => {
    const source = {
      double: new bson.Double(1.5),
      text: 'é€😀 and a text longer than the writer copies by itself, é€😀',
      nested: { 10: 'ten', 2: 'two', list: [1, [2n, null], { x: true }] },
      binary: new bson.Binary(Buffer.from([1, 2, 3]), 4),
      old: new bson.Binary(Buffer.from([1, 2, 3]), 2),
      id: new bson.ObjectId('507f1f77bcf86cd799439011'),
      yes: true,
      date: new Date(-1),
      regex: new bson.BSONRegExp('^a', 'im'),
      code: new bson.Code('f()'),
      symbol: new bson.BSONSymbol('s'),
      scoped: new bson.Code('f()', { a: 1 }),
      int: new bson.Int32(-7),
      timestamp: new bson.Timestamp({ t: 4_000_000_000, i: 7 }),
      long: bson.Long.MIN_VALUE,
      decimal: bson.Decimal128.fromString('-1.50E+10'),
      smallest: new bson.MinKey(),
      largest: new bson.MaxKey(),
      nothing: null,
    };
    const bytes = Buffer.from(bson.serialize(source));
    const doc = decodeDocument(bytes);
    expect(encodeDocument(doc).equals(bytes)).toBe(true);
    expect(bson.deserialize(encodeDocument(doc), reading)).toEqual(bson.deserialize(bytes, reading));
    expect(doc.get('int')).toEqual(int32(-7));
    expect(doc.get('long')).toBe(-(2n ** 63n));
    expect([...(doc.get('nested') as Map<string, unknown>).keys()]).toEqual(['2', '10', 'list']);
  });

  it('answers malformed bytes with an error of its own, and never reads past them', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.string(), values, { minKeys: 1 }),
        fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 4 }),
        fc.nat(10),
        (fields, changes, cut) => {
          const clean = Object.fromEntries(
            Object.entries(fields).map(([name, value]) => [name.replaceAll('\0', ''), value]),
          );
          const bytes = encodeDocument(docOf(clean));
          for (const [at, byte] of changes) bytes[at % bytes.length] = byte;
          const given = bytes.subarray(0, bytes.length - Math.min(cut, bytes.length));
          for (const read of [decodeDocument, checkDocument, (b: Buffer) => readField(b, 'x')]) {
            try {
              read(given);
            } catch (error) {
              expect(error).toBeInstanceOf(MongoError);
            }
          }
        },
      ),
      { numRuns: 2000 },
    );
  });

  it('refuses documents in one another past the limit', () => {
    const writer = new BsonWriter(16);
    let deep = docOf({});
    for (let level = 1; level < 200; level++) deep = docOf({ a: deep });
    writer.document(deep);
    expect(decodeDocument(writer.view())).toEqual(deep);
    expect(() => encodeDocument(docOf({ a: deep }))).toThrow(expect.objectContaining({ code: 15 }));
  });

  it('writes a message piece by piece', () => {
    const writer = new BsonWriter(8);
    const top = writer.open();
    writer.element('ok', 1);
    const cursor = writer.open('cursor');
    const batch = writer.open('firstBatch', true);
    writer.rawElement('0', encodeDocument(docOf({ _id: int32(1) })));
    writer.close(batch);
    writer.close(cursor);
    writer.close(top);
    expect(bson.deserialize(writer.view())).toEqual({ ok: 1, cursor: { firstBatch: [{ _id: 1 }] } });
  });
});
