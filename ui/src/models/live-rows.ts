// Lists that live without moving under the reader: rows already shown change in place; rows that would come, go or change places
// wait until the reader asks for them. Everything is capped.

export interface Reconciled<Row> {
  readonly rows: readonly Row[];
  /** Rows that have come or gone since the reader last asked. */
  readonly waiting: number;
}

/** The shown rows with their newest content, and how many changes of the list itself are waiting. */
export function reconcile<Row>(
  shown: readonly Row[],
  fresh: readonly Row[],
  keyOf: (row: Row) => string,
): Reconciled<Row> {
  const freshByKey = new Map(fresh.map((row) => [keyOf(row), row]));
  const shownKeys = new Set(shown.map(keyOf));
  const gone = shown.filter((row) => !freshByKey.has(keyOf(row))).length;
  const come = fresh.filter((row) => !shownKeys.has(keyOf(row))).length;
  const full = shown.length > 0 && shown.length === fresh.length && gone === come;
  return {
    rows: shown.map((row) => freshByKey.get(keyOf(row)) ?? row),
    // On a full page every newcomer pushes one row out: that is one change, not two.
    waiting: full ? come : come + gone,
  };
}

export interface Feed<Row> {
  readonly rows: readonly Row[];
  readonly waiting: readonly Row[];
}

export const emptyFeed = { rows: [], waiting: [] } as const;

/** Adds a newcomer to a feed (newest first), shown at once or waiting; a row that is there already is not added again. */
export function receive<Row>(
  feed: Feed<Row>,
  row: Row,
  { keyOf, hold, cap }: { keyOf: (row: Row) => string; hold: boolean; cap: number },
): Feed<Row> {
  const key = keyOf(row);
  if (feed.rows.some((known) => keyOf(known) === key) || feed.waiting.some((known) => keyOf(known) === key)) {
    return feed;
  }
  return hold
    ? { rows: feed.rows, waiting: [row, ...feed.waiting].slice(0, cap) }
    : { rows: [row, ...feed.waiting, ...feed.rows].slice(0, cap), waiting: [] };
}

/** Shows all that waits. */
export const release = <Row>(feed: Feed<Row>, cap: number): Feed<Row> => ({
  rows: [...feed.waiting, ...feed.rows].slice(0, cap),
  waiting: [],
});

/** Starts a feed from an answer (newest first), keeping what came over the stream meanwhile and is newer than the answer. */
export function restart<Row>(
  feed: Feed<Row>,
  answer: readonly Row[],
  options: {
    keyOf: (row: Row) => string;
    timeOf: (row: Row) => number;
    wanted: (row: Row) => boolean;
    cap: number;
  },
): Feed<Row> {
  const { keyOf, timeOf, wanted, cap } = options;
  const known = new Set(answer.map(keyOf));
  const newest = answer[0] === undefined ? 0 : timeOf(answer[0]);
  const newer = [...feed.waiting, ...feed.rows].filter(
    (row) => wanted(row) && !known.has(keyOf(row)) && timeOf(row) >= newest,
  );
  return { rows: [...newer, ...answer].slice(0, cap), waiting: [] };
}

/** Adds older rows at the end; one that is there already is not added again. */
export function appendOlder<Row>(
  feed: Feed<Row>,
  older: readonly Row[],
  keyOf: (row: Row) => string,
  cap: number,
): Feed<Row> {
  const known = new Set(feed.rows.map(keyOf));
  return {
    rows: [...feed.rows, ...older.filter((row) => !known.has(keyOf(row)))].slice(0, cap),
    waiting: feed.waiting,
  };
}
