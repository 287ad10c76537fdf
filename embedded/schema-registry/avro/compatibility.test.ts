import { describe, expect, it } from 'vitest';
import { ComparisonError, incompatibilities } from './compatibility.ts';
import { parseSchema } from './parse.ts';

const found = (reader: unknown, writer: unknown): string[] =>
  incompatibilities(
    parseSchema(JSON.stringify(reader)).schema,
    parseSchema(JSON.stringify(writer)).schema,
  ).map(({ type, location, message }) => `${type} ${location} ${message}`);
const record = (fields: readonly object[], more: object = {}) => ({
  type: 'record',
  name: 'R',
  fields,
  ...more,
});
const symbols = (list: readonly string[], more: object = {}) => ({
  type: 'enum',
  name: 'E',
  symbols: list,
  ...more,
});

describe('schema resolution', () => {
  it.each([
    ['int', 'long'],
    ['int', 'float'],
    ['int', 'double'],
    ['long', 'float'],
    ['long', 'double'],
    ['float', 'double'],
    ['string', 'bytes'],
    ['bytes', 'string'],
  ])('promotes %s to %s', (writer, reader) => {
    expect(found(reader, writer)).toEqual([]);
  });

  it('does not promote the other way', () => {
    expect(found('int', 'long')).toEqual([
      'TYPE_MISMATCH / reader type: INT not compatible with writer type: LONG',
    ]);
  });

  it('fills a field that was not written with its default, and needs one', () => {
    const written = record([{ name: 'a', type: 'int' }]);
    expect(found(record([{ name: 'b', type: 'int', default: 1 }]), written)).toEqual([]);
    expect(
      found(
        record([
          { name: 'a', type: 'int' },
          { name: 'b', type: 'int' },
        ]),
        written,
      ),
    ).toEqual(['READER_FIELD_MISSING_DEFAULT_VALUE /fields/1 b']);
  });

  it('finds fields and types by the reader’s aliases', () => {
    const written = record([{ name: 'old', type: 'int' }]);
    expect(found(record([{ name: 'new', type: 'int', aliases: ['old'] }]), written)).toEqual([]);
    expect(found(record([], { name: 'S', aliases: ['R'] }), record([]))).toEqual([]);
    expect(found(record([], { name: 'S' }), record([]))).toEqual(['NAME_MISMATCH /name expected: R']);
    expect(found(record([], { namespace: 'other' }), record([]))).toEqual([]);
  });

  it('gives up when aliases name several written fields', () => {
    const reader = record([{ name: 'a', type: 'int', aliases: ['b'] }]);
    expect(() =>
      found(
        reader,
        record([
          { name: 'a', type: 'int' },
          { name: 'b', type: 'int' },
        ]),
      ),
    ).toThrow(ComparisonError);
  });

  it('needs every written symbol, or a default symbol', () => {
    expect(found(symbols(['A']), symbols(['B', 'A', 'C']))).toEqual(['MISSING_ENUM_SYMBOLS /symbols [B, C]']);
    expect(found(symbols(['A'], { default: 'A' }), symbols(['B', 'A']))).toEqual([]);
  });

  it('needs a reader’s branch for every written branch', () => {
    expect(found(['int', 'string'], ['int'])).toEqual([]);
    expect(found(['int'], ['int', 'null'])).toEqual([
      'MISSING_UNION_BRANCH /1 reader union lacking writer type: NULL',
    ]);
    expect(found(['null', 'long'], 'int')).toEqual([]);
    expect(found('long', ['int', 'long'])).toEqual([]);
    expect(found('long', ['int', 'null'])).toEqual([
      'TYPE_MISMATCH /1 reader type: LONG not compatible with writer type: NULL',
    ]);
  });

  it('needs the same size', () => {
    const fixed = (size: number) => ({ type: 'array', items: { type: 'fixed', name: 'F', size } });
    expect(found(fixed(2), fixed(3))).toEqual(['FIXED_SIZE_MISMATCH /items/size expected: 3, found: 2']);
  });

  it('ends on recursive schemas', () => {
    const list = (type: string) =>
      record([
        { name: 'value', type },
        { name: 'next', type: ['null', 'R'] },
      ]);
    expect(found(list('long'), list('int'))).toEqual([]);
    expect(found(list('int'), list('long'))).toEqual([
      'TYPE_MISMATCH /fields/0/type reader type: INT not compatible with writer type: LONG',
    ]);
  });

  it('gives up on schemas whose pairs are too many', () => {
    const union = (prefix: string) =>
      Array.from({ length: 1_000 }, (_, n) => ({ type: 'fixed', name: `${prefix}${String(n)}`, size: 1 }));
    expect(() => found(union('a'), union('b'))).toThrow('too large');
  });
});
