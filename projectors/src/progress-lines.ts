// Registry documents as lines for a terminal: what `npm run projections` prints. Pure.
import {
  checkpointLag,
  generationName,
  type Build,
  type CheckpointDocument,
  type ProjectionDocument,
} from '@comptoir/views';

const count = (figure: number): string => figure.toLocaleString('en-US');

/** `75 s` or `12 min`; a dash while nothing can be said. */
export function duration(seconds: number | null): string {
  if (seconds === null) return '-';
  return seconds < 120 ? `${String(seconds)} s` : `${String(Math.round(seconds / 60))} min`;
}

/** One line about a rebuild: what it is at, how far, how fast, how long still. */
export function buildLine({
  generation,
  state,
  total,
  done,
  ratePerSecond,
  secondsLeft,
  error,
}: Build): string {
  const share = total === 0 ? 100 : Math.floor((done * 100) / total);
  const said = error === null ? '' : `  ${error}`;
  const name = `generation ${String(generation)} ${state}`;
  switch (state) {
    case 'requested':
      return `${name}: waiting for a projector${said}`;
    case 'filling':
      return (
        `${name}: ${count(done)} of ${count(total)} offsets (${String(share)} %), ` +
        `${count(ratePerSecond)}/s, ${duration(secondsLeft)} left${said}`
      );
    case 'following':
    case 'switching':
      return `${name}: ${count(total)} offsets read, ${count(ratePerSecond)}/s${said}`;
    case 'failed':
      return `${name} at ${count(done)} of ${count(total)} offsets:${said}`;
  }
}

/** Seconds without a sign of life after which nobody is taken to run a projection. */
const silentAfter = 5;

/** Whether no process has given a sign of life lately. */
export const isSilent = ({ updatedAt }: ProjectionDocument, now: Date): boolean =>
  now.getTime() - updatedAt.getTime() > silentAfter * 1_000;

/** The table of projections. */
export function projectionLines(
  projections: readonly ProjectionDocument[],
  checkpoints: ReadonlyMap<string, CheckpointDocument>,
  now: Date,
): string[] {
  const header = ['name', 'state', 'version', 'live', 'offsets behind', 'offsets/s', 'rebuild'];
  const rows = projections.map((projection) => {
    const { _id: name, version, live, build, ratePerSecond, error } = projection;
    const silent = isSilent(projection, now) && projection.state === 'running';
    return [
      name,
      silent ? 'no sign of life' : projection.state,
      String(version),
      generationName(name, live),
      count(checkpointLag(checkpoints.get(generationName(name, live)))),
      count(silent ? 0 : ratePerSecond),
      build === null ? '-' : buildLine(build),
      ...(error === null ? [] : [`error: ${error.message}`]),
    ];
  });
  const widths = header.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  return [header, ...rows].map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}
