// Where an event stands in the log, and how that is written down.
// A position is written `orders-3@1841`: topic, partition, offset. A consistency token is one or more positions joined by
// commas: "everything up to here". A reader that has reached every position of a token has seen what the token's owner saw.

/** One place in the log. `offset` counts from 0 within the partition. */
export interface Position {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
}

/** The name of a partition, as used for keys of checkpoints: `orders-3`. */
export const partitionName = (topic: string, partition: number): string => `${topic}-${String(partition)}`;

/** Writes a position as `orders-3@1841`. */
export const formatPosition = ({ topic, partition, offset }: Position): string =>
  `${partitionName(topic, partition)}@${String(offset)}`;

const positionPattern = /^([a-z][a-z0-9_.-]{0,99})-(\d{1,5})@(\d{1,15})$/;

/** Reads `orders-3@1841`; `undefined` when the text is not a position. */
export function parsePosition(text: string): Position | undefined {
  const [, topic, partition, offset] = positionPattern.exec(text) ?? [];
  if (topic === undefined || partition === undefined || offset === undefined) return undefined;
  return { topic, partition: Number(partition), offset: Number(offset) };
}

/** The most positions that a token may name: more than any installation has partitions that one command touches. */
export const maxTokenPositions = 512;

/** Writes a consistency token. Only the highest offset of each partition is kept; the order is that of the partitions' names. */
export function formatToken(positions: Iterable<Position>): string {
  const highest = new Map<string, Position>();
  for (const position of positions) {
    const name = partitionName(position.topic, position.partition);
    const known = highest.get(name);
    if (known === undefined || known.offset < position.offset) highest.set(name, position);
  }
  return [...highest.entries()]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([, position]) => formatPosition(position))
    .join(',');
}

/** Reads a consistency token; `undefined` when any part of it is not a position, or when it names too many. */
export function parseToken(text: string): Position[] | undefined {
  if (text === '') return [];
  const parts = text.split(',');
  if (parts.length > maxTokenPositions) return undefined;
  const positions = parts.map(parsePosition);
  return positions.every((position) => position !== undefined) ? positions : undefined;
}
