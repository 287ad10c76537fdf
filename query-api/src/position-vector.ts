// How far a reader of the journal has come: for every partition the offset of the next event to read. It is the `id:` of a
// live event, written like a token (`orders-3@1842,stock-1@7`), so a reader that comes back with it goes on exactly there.
// A partition that the vector does not name has been read up to offset 0; the vector that names none is `beginning`.
import { formatToken, parsePosition, parseToken, partitionName } from '@comptoir/schemas';

/** Next offset to read by partition name. */
export type PositionVector = Map<string, number>;

/** The vector of a reader that has read nothing. */
const beginning = 'beginning';

/** Reads a vector; `undefined` when the text is not one. */
export function parseVector(text: string): PositionVector | undefined {
  if (text === beginning) return new Map();
  // As a token it would ask for nothing; as an id it would replay everything.
  if (text === '') return undefined;
  const positions = parseToken(text);
  return (
    positions &&
    new Map(positions.map(({ topic, partition, offset }) => [partitionName(topic, partition), offset]))
  );
}

/** Writes a vector. */
export function formatVector(vector: ReadonlyMap<string, number>): string {
  if (vector.size === 0) return beginning;
  return formatToken(
    [...vector].map(([name, offset]) => {
      const position = parsePosition(`${name}@${String(offset)}`);
      if (position === undefined) throw new Error(`${name}@${String(offset)} is no position`);
      return position;
    }),
  );
}
