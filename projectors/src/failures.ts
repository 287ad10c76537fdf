// What keeps a runner from getting on, per partition: the error, at which event, since when, and how often it was tried.
// A failure is over when the partition's batch has been handled, or belongs to another consumer.
import { UnreadableEventError } from '@comptoir/event-log';
import { formatPosition } from '@comptoir/schemas';
import type { ProjectionError } from '@comptoir/views';
import { FoldError } from './fold.ts';

/** Something that does not work, and goes on being tried. */
export interface Failure extends ProjectionError {
  readonly attempts: number;
  /** Whether the event itself is the reason: no use in trying soon. */
  readonly ofEvent: boolean;
}

/** An event that fails so often in a row is reported as the projection's failure. */
export const failedAfter = 5;

/** An error of reading the log is taken to be over when it has not come again for so long, ms: nobody says that reading works. */
const readingErrorLasts = 30_000;

/** The failures of one runner. */
export interface Failures {
  /** Notes another attempt at a partition's batch that failed. */
  note(partition: string, error: unknown): Failure;
  /** Notes an error of reading the log itself. */
  noteReading(error: unknown): void;
  /** A partition's batch has been handled, or is another consumer's business now. */
  clear(partition: string): void;
  /** The one to show: an event's before any other, the oldest of them. */
  worst(): Failure | undefined;
}

/** Where the event stands that is the reason: a position, when it is an event's fault at all. */
function positionOf(error: unknown): string | null {
  if (error instanceof FoldError) return formatPosition(error.event);
  // Its message is all that is known of it, and names the position.
  if (error instanceof UnreadableEventError) return /\b[a-z]+-\d+@\d+\b/.exec(error.message)?.[0] ?? null;
  return null;
}

/** A failure that came again, or for the first time. */
const again = (known: Failure | undefined, error: unknown, now: Date): Failure => ({
  message: error instanceof Error ? error.message : String(error),
  position: positionOf(error),
  at: known?.at ?? now,
  attempts: (known?.attempts ?? 0) + 1,
  ofEvent: error instanceof FoldError || error instanceof UnreadableEventError,
});

/** No failures yet. */
export function createFailures(now: () => Date = () => new Date()): Failures {
  const failures = new Map<string, Failure>();
  let reading: { readonly failure: Failure; readonly last: Date } | undefined;

  function note(partition: string, error: unknown): Failure {
    const failure = again(failures.get(partition), error, now());
    failures.set(partition, failure);
    return failure;
  }

  function readingFailure(): Failure | undefined {
    if (reading !== undefined && now().getTime() - reading.last.getTime() > readingErrorLasts)
      reading = undefined;
    return reading?.failure;
  }

  return {
    note,
    noteReading(error) {
      // An event that cannot be read keeps its partition back before any handler sees the batch.
      const [partition] = error instanceof UnreadableEventError ? (positionOf(error)?.split('@') ?? []) : [];
      if (partition === undefined) reading = { failure: again(readingFailure(), error, now()), last: now() };
      else note(partition, error);
    },
    clear(partition) {
      failures.delete(partition);
      reading = undefined;
    },
    worst() {
      const all = [...failures.values(), readingFailure()].filter((failure) => failure !== undefined);
      return all.toSorted(
        (a, b) => Number(b.ofEvent) - Number(a.ofEvent) || a.at.getTime() - b.at.getTime(),
      )[0];
    },
  };
}
