// What a process writes into the registry once a second, as a pure function of what it sees. Several processes share a projection,
// so each speaks for itself only: a failure is cleared by the process that has it, or when the checkpoint has passed its event.
import { isDeepStrictEqual } from 'node:util';
import { parsePosition, partitionName } from '@comptoir/schemas';
import type { Build, ProjectionChange, ProjectionDocument, ProjectionError } from '@comptoir/views';
import { failedAfter, type Failure } from './failures.ts';
import { offsetsDoneOf, secondsLeft } from './progress.ts';

/** What a process sees of one generation that it runs. */
interface Seen {
  readonly positions: Readonly<Record<string, number>>;
  readonly failure: Failure | undefined;
  readonly ratePerSecond: number;
}

export interface Observation extends Seen {
  readonly document: ProjectionDocument;
  /** Whether this process runs the live generation; if not, its state is not ours to tell. */
  readonly runsLive: boolean;
  readonly now: Date;
  /** The generation being built, when this process runs it. */
  readonly build: Seen | undefined;
}

const errorOf = ({ message, position, at }: Failure): ProjectionError => ({ message, position, at });

/** Whether an error in the registry is over, as far as the checkpoint tells. */
function isOver({ position }: ProjectionError, positions: Readonly<Record<string, number>>): boolean {
  const event = position === null ? undefined : parsePosition(position);
  if (event === undefined) return true;
  return (positions[partitionName(event.topic, event.partition)] ?? 0) > event.offset;
}

function stateOfLive({ document, failure, positions }: Observation): ProjectionChange {
  if (failure !== undefined) {
    return { state: failure.attempts >= failedAfter ? 'failed' : 'running', error: errorOf(failure) };
  }
  if (document.error !== null && !isOver(document.error, positions)) return {};
  return { state: 'running', error: null };
}

function stateOfBuild(build: Build, { positions, failure, ratePerSecond }: Seen): Build {
  const done = offsetsDoneOf(build.targetOffsets, positions);
  const error = failure?.message ?? null;
  // An event that cannot be folded ends a build: only other code can get past it. Anything else passes by itself.
  const failed = failure?.ofEvent === true && failure.attempts >= failedAfter;
  return {
    ...build,
    state: failed ? 'failed' : build.state,
    done,
    ratePerSecond,
    secondsLeft: failed ? null : secondsLeft(build.total - done, ratePerSecond),
    error,
  };
}

/** The change of the registry document that publishes an observation. */
export function progressOf(observation: Observation): ProjectionChange {
  const { document, runsLive, ratePerSecond, now } = observation;
  return {
    ...(runsLive ? { ...stateOfLive(observation), ratePerSecond } : {}),
    ...(document.build === null || observation.build === undefined
      ? {}
      : { build: stateOfBuild(document.build, observation.build) }),
    updatedAt: now,
  };
}

/** Whether a change would leave the registry document as it is, but for the sign of life. */
export const saysNothingNew = (document: ProjectionDocument, change: ProjectionChange): boolean =>
  Object.entries(change).every(
    ([field, value]) =>
      field === 'updatedAt' || isDeepStrictEqual(document[field as keyof ProjectionDocument], value),
  );
