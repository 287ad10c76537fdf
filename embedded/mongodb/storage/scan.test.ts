import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { countKeys, pieces } from './scan.ts';
import { Store } from './store.ts';

const folder = mkdtempSync(join(tmpdir(), 'embedded-mongodb-'));
let store: Store;
const keys = Array.from({ length: 60 }, (_, at) => `k${String(at * 3).padStart(4, '0')}`);

beforeAll(async () => {
  store = new Store(folder);
  await store.write(() => {
    for (const key of keys) void store.documents.put(Buffer.from(key), Buffer.from(key));
  });
});
afterAll(async () => {
  await store.close();
  rmSync(folder, { recursive: true });
});

test('ranges are read in order, in either direction, whatever the size of the first piece', () => {
  const bound = fc.integer({ min: 0, max: 190 });
  fc.assert(
    fc.property(
      fc.array(bound, { maxLength: 6 }),
      fc.boolean(),
      fc.integer({ min: 1, max: 70 }),
      (bounds, reverse, first) => {
        const ends = [...new Set(bounds)]
          .sort((a, b) => a - b)
          .map((number) => `k${String(number).padStart(4, '0')}`);
        const ranges: { start: Buffer; end: Buffer }[] = [];
        for (let at = 0; at + 1 < ends.length; at += 2) {
          ranges.push({ start: Buffer.from(ends[at] ?? ''), end: Buffer.from(ends[at + 1] ?? '') });
        }
        const expected = keys.filter((key) =>
          ranges.some(({ start, end }) => key >= String(start) && key < String(end)),
        );
        const found = [...pieces(store.documents, ranges, reverse, first)]
          .flat()
          .map(({ key }) => String(key));
        expect(found).toEqual(reverse ? expected.toReversed() : expected);
        expect(countKeys(store.documents, ranges)).toBe(expected.length);
      },
    ),
  );
});

test('a scan goes on behind its last key when documents come and go in between', async () => {
  const all = [{ start: Buffer.from('k'), end: Buffer.from('l') }];
  const scan = pieces(store.documents, all, false, 10);
  const first = scan.next().value ?? [];
  const last = first.at(-1)?.key ?? Buffer.alloc(0);
  await store.write(() => {
    void store.documents.remove(last);
    void store.documents.put(Buffer.concat([last, Buffer.from('+')]), Buffer.from('new'));
  });
  const rest = [...scan].flat().map(({ key }) => String(key));
  expect(rest[0]).toBe(`${String(last)}+`);
  expect(rest).toHaveLength(keys.length - 10 + 1);
  await store.write(() => {
    void store.documents.put(last, last);
    void store.documents.remove(Buffer.concat([last, Buffer.from('+')]));
  });
});

test('what a write throws reaches its caller, and the next write runs', async () => {
  await expect(
    store.write(() => {
      throw new RangeError('no');
    }),
  ).rejects.toThrow(RangeError);
  await expect(store.write(() => 7)).resolves.toBe(7);
});
