import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isNumber, javaDouble, JsonSyntaxError, parseJson, printJson } from './json.ts';

describe('JSON as Avro’s Java library has it', () => {
  it('is read and written without loss', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        expect(JSON.parse(printJson(parseJson(text)))).toEqual(JSON.parse(text));
      }),
    );
  });

  it('refuses what JSON.parse refuses, but for comments', () => {
    const almost = fc.oneof(
      fc.string(),
      fc
        .json()
        .chain((text) => fc.tuple(fc.constant(text), fc.nat(text.length), fc.string({ maxLength: 2 })))
        .map(([text, at, more]) => text.slice(0, at) + more + text.slice(at + 1)),
    );
    fc.assert(
      fc.property(almost, (text) => {
        fc.pre(!/\/[*/]/u.test(text));
        let isJson = true;
        try {
          JSON.parse(text);
        } catch {
          isJson = false;
        }
        if (isJson) parseJson(text);
        else expect(() => parseJson(text)).toThrow(JsonSyntaxError);
      }),
      { numRuns: 500 },
    );
  });

  it('keeps the order of members, whole numbers of any size, and the kind of a number', () => {
    const text = '{"2":9223372036854775807,"1":1.0,"a":1}';
    expect(printJson(parseJson(text))).toBe(text);
    expect(printJson(parseJson(text), true)).toBe('{"1":1.0,"2":9223372036854775807,"a":1}');
  });

  it('allows comments', () => {
    expect(printJson(parseJson('/* a */ {"a": // b\n 1}'))).toBe('{"a":1}');
  });

  it('refuses to go deeper than 500 levels', () => {
    expect(() => parseJson('['.repeat(600) + ']'.repeat(600))).toThrow('nested deeper');
    expect(() => parseJson('['.repeat(1_000_000))).toThrow(JsonSyntaxError);
  });

  it('takes texts of a megabyte, and many comments', () => {
    const text = 'x'.repeat(1_000_000);
    expect(parseJson(JSON.stringify(text))).toBe(text);
    expect(parseJson(`${'/**/ '.repeat(200_000)}1`)).toEqual({ number: '1' });
    for (const open of ['"', '/*', '//', '"\\\\'])
      expect(() => parseJson(open + text)).toThrow(JsonSyntaxError);
  });

  it('writes doubles as Java does', () => {
    expect(
      ['1.5', '100.0', '1e7', '1e-4', '-0.0', '1.5e300'].map((text) => printJson(parseJson(text))),
    ).toEqual(['1.5', '100.0', '1.0E7', '1.0E-4', '-0.0', '1.5E300']);
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        expect(Number(javaDouble(value))).toBe(value);
        expect(isNumber(parseJson(javaDouble(value)))).toBe(true);
      }),
    );
  });
});
