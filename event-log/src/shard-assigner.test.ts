import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { assignShards } from './shard-assigner.ts';

const members = fc.uniqueArray(fc.record({ memberId: fc.uuid(), startedAt: fc.nat({ max: 5 }) }), {
  minLength: 1,
  maxLength: 6,
  selector: ({ memberId }) => memberId,
});

describe('shards', () => {
  it('go to the member that started last', () => {
    const owned = assignShards(
      [
        { memberId: 'old', startedAt: 1 },
        { memberId: 'new', startedAt: 3 },
        { memberId: 'middle', startedAt: 2 },
      ],
      2,
    );
    expect([...owned]).toEqual([
      ['new', [0]],
      ['middle', [1]],
      ['old', []],
    ]);
  });

  it('have exactly one owner each, the same whoever decides and in whatever order the members are named', () => {
    fc.assert(
      fc.property(members, fc.integer({ min: 1, max: 12 }), (named, shards) => {
        const owned = assignShards(named, shards);
        expect([...owned.values()].flat().toSorted((a, b) => a - b)).toEqual(
          Array.from({ length: shards }, (_, shard) => shard),
        );
        expect(assignShards(named.toReversed(), shards)).toEqual(owned);
      }),
    );
  });

  it('are spread as evenly as can be', () => {
    fc.assert(
      fc.property(members, fc.integer({ min: 1, max: 12 }), (named, shards) => {
        const counts = [...assignShards(named, shards).values()].map(({ length }) => length);
        expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
      }),
    );
  });
});
