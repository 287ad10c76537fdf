// What a projection's registry document means to an operator: is it well, how far behind, and how a rebuild is getting on.

import type { Projection, ProjectionBuild } from '../services/contract.ts';
import type { Tone } from './order.ts';

export type Health = 'up-to-date' | 'catching-up' | 'building' | 'failed' | 'stopped';

/** In one word; a failure counts more than a build, a build more than a lag. */
export function healthOf(projection: Pick<Projection, 'state' | 'build' | 'lag'>): Health {
  if (projection.state === 'failed') return 'failed';
  if (projection.build !== null && projection.build.state !== 'failed') return 'building';
  if (projection.state === 'stopped') return 'stopped';
  return projection.lag.events > 0 ? 'catching-up' : 'up-to-date';
}

const tones: Record<Health, Tone> = {
  'up-to-date': 'ok',
  'catching-up': 'waiting',
  building: 'waiting',
  failed: 'failed',
  stopped: 'ended',
};

/** The meaning of a health, for its sign. */
export const healthTone = (health: Health): Tone => tones[health];

export interface BuildProgress {
  /** 0–100. */
  readonly percent: number;
  /** ms; `undefined` while there is no rate yet. */
  readonly leftMs: number | undefined;
}

/** How far a rebuild is. While it follows the log its history is read, but it is not there before it has switched. */
export function progressOf(build: ProjectionBuild): BuildProgress {
  const percent = build.total <= 0 ? 0 : Math.max(0, Math.min(100, (build.done / build.total) * 100));
  const following = build.state === 'following' || build.state === 'switching';
  return {
    percent: following ? Math.max(percent, 99) : percent,
    leftMs: build.secondsLeft === null ? undefined : build.secondsLeft * 1000,
  };
}
