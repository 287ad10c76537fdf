// Version ranges as Kafka's message definitions write them: `3+`, `0-7`, `5`.

/** The versions of an API in which something holds; both ends belong to it. */
export interface VersionRange {
  readonly first: number;
  readonly last: number;
}

/** How a table writes a range: `3+` (from 3 on), `0-7`, `5`. */
export type Versions = `${number}+` | `${number}-${number}` | `${number}`;

/** A range from its notation. */
export function versionRange(versions: Versions): VersionRange {
  const match = /^(\d+)(?:(\+)|-(\d+))?$/.exec(versions);
  if (match === null) throw new Error(`a version range reads 3+, 0-7 or 5, not ${versions}`);
  const [, first, open, last] = match;
  return { first: Number(first), last: open === '+' ? Infinity : Number(last ?? first) };
}

export const includes = ({ first, last }: VersionRange, version: number): boolean =>
  version >= first && version <= last;
