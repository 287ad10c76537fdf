import { describe, expect, it } from 'vitest';
import { requestedBuild, type ProjectionDocument } from '@comptoir/views';
import type { Failure } from './failures.ts';
import { progressOf, saysNothingNew, type Observation } from './publication.ts';
import { generationsToRun } from './supervisor.ts';

const now = new Date('2026-11-25T12:00:00Z');

const document: ProjectionDocument = {
  _id: 'orders',
  version: 1,
  live: 1,
  generations: [{ number: 1, version: 1, state: 'live', createdAt: now, readyAt: now }],
  build: null,
  state: 'running',
  error: null,
  ratePerSecond: 0,
  updatedAt: now,
  _rev: 7,
};

const observation: Observation = {
  document,
  runsLive: true,
  positions: { 'orders-3': 1842 },
  failure: undefined,
  ratePerSecond: 120,
  now,
  build: undefined,
};

const failure = (attempts: number): Failure => ({
  message: 'cannot fold',
  position: 'orders-3@1842',
  at: now,
  attempts,
  ofEvent: true,
});

const filling: ProjectionDocument = {
  ...document,
  generations: [
    ...document.generations,
    { number: 2, version: 2, state: 'building', createdAt: now, readyAt: null },
  ],
  build: { ...requestedBuild(2, 1), state: 'filling', targetOffsets: { 'orders-3': 1000 }, total: 1000 },
};

describe('what is published', () => {
  it('shows an error at once, and a failed projection when it keeps failing', () => {
    const error = { message: 'cannot fold', position: 'orders-3@1842', at: now };
    expect(progressOf({ ...observation, failure: failure(1) })).toMatchObject({ state: 'running', error });
    expect(progressOf({ ...observation, failure: failure(5) })).toMatchObject({ state: 'failed', error });
  });

  it('leaves an error of another process until the checkpoint has passed its event', () => {
    const failed: ProjectionDocument = {
      ...document,
      state: 'failed',
      error: { message: 'cannot fold', position: 'orders-3@1842', at: now },
    };
    expect(progressOf({ ...observation, document: failed })).not.toHaveProperty('error');
    expect(progressOf({ ...observation, document: failed, positions: { 'orders-3': 1843 } })).toMatchObject({
      state: 'running',
      error: null,
    });
  });

  it('says how far a rebuild is and how long it still takes', () => {
    const build = { positions: { 'orders-3': 400 }, failure: undefined, ratePerSecond: 100 };
    expect(progressOf({ ...observation, document: filling, build }).build).toMatchObject({
      state: 'filling',
      done: 400,
      ratePerSecond: 100,
      secondsLeft: 6,
    });
  });

  it('ends a rebuild at an event that cannot be folded', () => {
    const build = { positions: {}, failure: failure(5), ratePerSecond: 0 };
    expect(progressOf({ ...observation, document: filling, build })).toMatchObject({
      state: 'running',
      build: { state: 'failed', error: 'cannot fold' },
    });
  });
});

describe('a change of the registry document', () => {
  const change = progressOf({ ...observation, document });

  it('says something new when a value differs', () => {
    expect(saysNothingNew({ ...document, ...change, ratePerSecond: -1 }, change)).toBe(false);
  });

  it('says nothing new when only the sign of life differs', () => {
    expect(saysNothingNew({ ...document, ...change, updatedAt: new Date(0) }, change)).toBe(true);
  });
});

describe('the generations that a process runs', () => {
  it('are the live one and the one being built, each by code of its own version', () => {
    expect(generationsToRun(document, 1)).toEqual([1]);
    expect(generationsToRun(filling, 1)).toEqual([1]);
    expect(generationsToRun(filling, 2)).toEqual([2]);
  });

  it('are not the live one any more once the switch has begun', () => {
    const switching: ProjectionDocument = {
      ...filling,
      build: { ...requestedBuild(2, 1), state: 'switching' },
    };
    expect(generationsToRun(switching, 1)).toEqual([]);
    expect(generationsToRun(switching, 2)).toEqual([2]);
  });
});
