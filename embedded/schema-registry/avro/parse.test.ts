import { describe, expect, it } from 'vitest';
import { parseSchema } from './parse.ts';
import { printSchema } from './print.ts';

const canonical = (schema: unknown): string => printSchema(parseSchema(JSON.stringify(schema)).schema);
const record = (fields: readonly object[], more: object = {}) => ({
  type: 'record',
  name: 'R',
  fields,
  ...more,
});

describe('parsing a schema', () => {
  it.each([
    ['a primitive type', 'string', '"string"'],
    ['a primitive type as an object', { type: 'string' }, '"string"'],
    [
      'an attribute that Avro does not know',
      { type: 'string', x: { b: 1, a: 2 } },
      '{"type":"string","x":{"b":1,"a":2}}',
    ],
    ['a union', ['null', { type: 'array', items: 'int' }], '["null",{"type":"array","items":"int"}]'],
    [
      'a full name',
      { type: 'fixed', name: 'a.b.F', namespace: 'c', size: 2 },
      '{"type":"fixed","name":"F","namespace":"a.b","size":2}',
    ],
    [
      'attributes in any order',
      { symbols: ['A'], name: 'E', type: 'enum', doc: 'd', default: 'A' },
      '{"type":"enum","name":"E","doc":"d","symbols":["A"],"default":"A"}',
    ],
    [
      'a recursive record',
      record([{ name: 'next', type: ['null', 'R'], default: null }]),
      '{"type":"record","name":"R","fields":[{"name":"next","type":["null","R"],"default":null}]}',
    ],
    [
      'a doc that is no text, which is none',
      record([], { doc: 5 }),
      '{"type":"record","name":"R","fields":[]}',
    ],
    [
      'a double as text',
      record([{ name: 'd', type: 'double', default: 'NaN' }]),
      '{"type":"record","name":"R","fields":[{"name":"d","type":"double","default":"NaN"}]}',
    ],
    ['an error', record([], { type: 'error' }), '{"type":"error","name":"R","fields":[]}'],
  ])('takes %s', (_what, schema, text) => {
    expect(canonical(schema)).toBe(text);
    expect(canonical(JSON.parse(text))).toBe(text);
  });

  it('writes a namespace where it changes, and a name in full where it must', () => {
    const inner = { type: 'record', name: 'B', namespace: 'x', fields: [] };
    const schema = record(
      [
        { name: 'b', type: inner },
        { name: 'c', type: 'x.B' },
        { name: 'd', type: { type: 'fixed', name: 'record', size: 1 } },
        { name: 'e', type: 'n.record' },
      ],
      { namespace: 'n' },
    );
    expect(canonical(schema)).toBe(
      '{"type":"record","name":"R","namespace":"n","fields":[{"name":"b","type":{"type":"record","name":"B","namespace":"x","fields":[]}},{"name":"c","type":"x.B"},{"name":"d","type":{"type":"fixed","name":"record","size":1}},{"name":"e","type":"n.record"}]}',
    );
  });

  it.each([
    ['a name that is not defined', ['null', 'Nothing'], 'Undefined name'],
    [
      'a name before its definition',
      record([
        { name: 'a', type: 'F' },
        { name: 'b', type: { type: 'fixed', name: 'F', size: 1 } },
      ]),
      'Undefined name',
    ],
    ['a name defined twice', [record([]), record([])], "Can't redefine"],
    ['a name of a primitive type', { type: 'fixed', name: 'string', size: 1 }, 'named after primitives'],
    ['a name with other characters', record([{ name: 'a-b', type: 'int' }]), 'Illegal name'],
    ['a namespace with other characters', record([], { namespace: 'a..b' }), 'Illegal name'],
    [
      'a field twice',
      record([
        { name: 'a', type: 'int' },
        { name: 'a', type: 'int' },
      ]),
      'Duplicate field',
    ],
    ['a symbol twice', { type: 'enum', name: 'E', symbols: ['A', 'A'] }, 'Duplicate enum symbol'],
    [
      'a default that is no symbol',
      { type: 'enum', name: 'E', symbols: ['A'], default: 'B' },
      'is not in the enum symbol set',
    ],
    ['a branch twice', ['int', 'int'], 'Duplicate in union'],
    ['a union in a union', ['int', ['null']], 'Nested union'],
    ['an array without items', { type: 'array' }, 'Array has no items'],
    ['a fixed type of no size', { type: 'fixed', name: 'F', size: -1 }, 'Invalid or no size'],
    ['a number', 5, 'not yet supported'],
    ['aliases that are no list', record([], { aliases: 'A' }), 'aliases not an array'],
  ])('refuses %s', (_what, schema, message) => {
    expect(() => canonical(schema)).toThrow(message);
  });

  it.each([
    ['int', 2_147_483_648],
    ['int', 1.5],
    ['long', '1'],
    ['string', null],
    ['boolean', 0],
    [['null', 'int'], 'x'],
    [{ type: 'array', items: 'int' }, ['a']],
    [{ type: 'map', values: 'int' }, []],
    [{ type: 'record', name: 'S', fields: [{ name: 'a', type: 'int' }] }, {}],
    ['R', {}],
  ])('refuses a default of type %j that is %j', (type, value) => {
    expect(() => canonical(record([{ name: 'f', type, default: value }]))).toThrow('default');
  });

  it('takes a union’s default of any branch', () => {
    expect(canonical(record([{ name: 'f', type: ['null', 'int'], default: 5 }]))).toContain('"default":5');
  });

  it('normalizes: attributes, aliases and defaults in order, those of a logical type first', () => {
    const schema = record(
      [
        { name: 'm', type: { type: 'map', values: 'double' }, default: { b: 1, a: 2 } },
        { name: 'd', type: { type: 'bytes', scale: 2, b: 1, logicalType: 'decimal', a: 1, precision: 4 } },
      ],
      { aliases: ['Z', 'A'], doc: '' },
    );
    expect(printSchema(parseSchema(JSON.stringify(schema)).schema, { normalized: true })).toBe(
      '{"type":"record","name":"R","fields":[{"name":"m","type":{"type":"map","values":"double"},"default":{"a":2,"b":1}},{"name":"d","type":{"type":"bytes","logicalType":"decimal","precision":4,"scale":2,"a":1,"b":1}}],"aliases":["A","Z"]}',
    );
  });
});
