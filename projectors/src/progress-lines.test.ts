import { describe, expect, it } from 'vitest';
import { requestedBuild, type ProjectionDocument } from '@comptoir/views';
import { buildLine, duration, projectionLines } from './progress-lines.ts';

const now = new Date('2026-11-25T12:00:00Z');

const projection: ProjectionDocument = {
  _id: 'orders',
  version: 1,
  live: 2,
  generations: [],
  build: null,
  state: 'running',
  error: null,
  ratePerSecond: 1200,
  updatedAt: now,
  _rev: 1,
};

describe('a rebuild on the terminal', () => {
  it('shows how far, how fast and how long still', () => {
    const build = {
      ...requestedBuild(3, 1),
      total: 20_000,
      done: 5_000,
      ratePerSecond: 2_500,
      secondsLeft: 6,
    };
    expect(buildLine({ ...build, state: 'filling' })).toBe(
      'generation 3 filling: 5,000 of 20,000 offsets (25 %), 2,500/s, 6 s left',
    );
  });

  it('says what it waits for and why it failed', () => {
    expect(buildLine(requestedBuild(3, 1))).toBe('generation 3 requested: waiting for a projector');
    expect(buildLine({ ...requestedBuild(3, 1), state: 'failed', error: 'cannot fold' })).toContain(
      'cannot fold',
    );
  });

  it('tells times in a unit that can be read', () => {
    expect([duration(null), duration(75), duration(720)]).toEqual(['-', '75 s', '12 min']);
  });
});

describe('the table of projections', () => {
  it('shows what is live, how far behind and how fast', () => {
    const checkpoint = {
      _id: 'orders.g2',
      positions: { 'orders-0': 5 },
      ends: { 'orders-0': 8 },
      updatedAt: now,
    };
    const lines = projectionLines([projection], new Map([['orders.g2', checkpoint]]), now);
    expect(lines).toEqual([
      'name    state    version  live       offsets behind  offsets/s  rebuild',
      'orders  running  1        orders.g2  3               1,200      -',
    ]);
  });

  it('says when nobody runs a projection', () => {
    const [, line] = projectionLines([projection], new Map(), new Date(now.getTime() + 60_000));
    expect(line).toContain('no sign of life');
  });
});
