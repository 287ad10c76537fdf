// Generated values, documents, paths. Few names and few values, so that filters find something, updates meet what is there and
// equal values of different types meet each other.
import {
  Binary,
  Decimal128,
  Double,
  Int32,
  Long,
  MaxKey,
  MinKey,
  ObjectId,
  Timestamp,
  type Document,
} from 'bson';
import fc, { type Arbitrary } from 'fast-check';

/**
 * `plain` leaves out what FerretDB cannot store: decimals, arrays in arrays, minimum and maximum keys, infinities.
 */
export type Palette = 'plain' | 'rich';

const ids = ['64b0c0ffee0000000000abcd', '64b0c0ffee0000000000abce'].map((hex) => new ObjectId(hex));
const days = ['2026-03-01T00:00:00Z', '2026-03-02T12:00:00Z', '1969-12-31T23:00:00Z'].map(
  (day) => new Date(day),
);

const ints = fc.integer({ min: -2, max: 4 }).map((n) => new Int32(n));
const longs = fc.integer({ min: -1, max: 3 }).map((n) => Long.fromNumber(n));
const doubles = fc.constantFrom(0, 1, 2, 3, -1, 0.5, 1.5, -2.5).map((n) => new Double(n));
const strings = fc.constantFrom('', 'a', 'b', 'ab', 'B', 'é', 'a1', '1');

const plainScalars: Arbitrary<unknown> = fc.oneof(
  { arbitrary: ints, weight: 6 },
  { arbitrary: longs, weight: 2 },
  { arbitrary: doubles, weight: 3 },
  { arbitrary: strings, weight: 5 },
  { arbitrary: fc.boolean(), weight: 1 },
  { arbitrary: fc.constant(null), weight: 2 },
  { arbitrary: fc.constantFrom(...days), weight: 1 },
  { arbitrary: fc.constantFrom(...ids), weight: 1 },
);

const richScalars: Arbitrary<unknown> = fc.oneof(
  { arbitrary: plainScalars, weight: 8 },
  {
    arbitrary: fc
      .constantFrom('0', '1', '1.0', '0.5', '2.50', '-1', '1E+3', 'NaN', 'Infinity')
      .map((s) => Decimal128.fromString(s)),
    weight: 2,
  },
  {
    arbitrary: fc.constantFrom(NaN, Infinity, -Infinity, -0, 2 ** 53, 1e300).map((n) => new Double(n)),
    weight: 1,
  },
  {
    arbitrary: fc
      .constantFrom('9007199254740993', '9223372036854775807', '-9223372036854775808')
      .map((s) => Long.fromString(s)),
    weight: 1,
  },
  { arbitrary: fc.constantFrom(2147483647, -2147483648).map((n) => new Int32(n)), weight: 1 },
  { arbitrary: fc.constantFrom('', 'x', 'yy').map((s) => new Binary(Buffer.from(s))), weight: 1 },
  { arbitrary: fc.constantFrom(1, 2).map((i) => new Timestamp({ t: 5, i })), weight: 1 },
  { arbitrary: fc.constantFrom(new MinKey(), new MaxKey()), weight: 1 },
);

/** Values without arrays and documents. */
export const scalars = (palette: Palette): Arbitrary<unknown> =>
  palette === 'plain' ? plainScalars : richScalars;

const names = fc.constantFrom('a', 'b', 'c');

const documentsOf = (values: Arbitrary<unknown>): Arbitrary<Document> =>
  fc
    .uniqueArray(fc.tuple(names, values), { maxLength: 3, selector: ([name]) => name })
    .map((fields) => Object.fromEntries(fields));

/** Values of up to three levels. */
export function values(palette: Palette): Arbitrary<unknown> {
  const scalar = scalars(palette);
  const flat = fc.oneof({ arbitrary: scalar, weight: 5 }, { arbitrary: documentsOf(scalar), weight: 1 });
  const elements =
    palette === 'rich'
      ? fc.oneof({ arbitrary: flat, weight: 8 }, { arbitrary: fc.array(scalar, { maxLength: 2 }), weight: 1 })
      : flat;
  const arrays = fc.array(elements, { maxLength: 4 });
  return fc.oneof(
    { arbitrary: scalar, weight: 6 },
    { arbitrary: arrays, weight: 3 },
    {
      arbitrary: documentsOf(fc.oneof({ arbitrary: scalar, weight: 3 }, { arbitrary: arrays, weight: 1 })),
      weight: 2,
    },
  );
}

/** Documents without an `_id`. */
export const bodies = (palette: Palette): Arbitrary<Document> =>
  fc
    .uniqueArray(fc.tuple(fc.constantFrom('a', 'b', 'c', 'd'), values(palette)), {
      minLength: 1,
      maxLength: 4,
      selector: ([name]) => name,
    })
    .map((fields) => Object.fromEntries(fields));

/** Paths to fields that may be there. */
export const paths: Arbitrary<string> = fc.oneof(
  { arbitrary: fc.constantFrom('a', 'b', 'c', 'd'), weight: 6 },
  { arbitrary: fc.constantFrom('a.b', 'a.c', 'b.a', 'c.a', 'd.b'), weight: 3 },
  { arbitrary: fc.constantFrom('a.0', 'b.1', 'a.0.b', 'c.b.a'), weight: 1 },
);
