// What a difference between two servers looks like: the texts and flags by which the list of known differences tells its kinds.
import type { Document } from 'bson';
import type { Difference } from './comparison.ts';
import { show } from './notation.ts';

/** What a difference looks like. */
export interface Looks {
  /** The command, in the notation of the shell. */
  readonly command: string;
  /** Its filters. */
  readonly filter: string;
  /** The documents before. */
  readonly documents: string;
  readonly difference: Difference;
  readonly kind: string;
  /** The message of the stand-in's error. */
  readonly message: string;
  /** One of the two answered an error, the other did not. */
  readonly onlyStandInFails: boolean;
  readonly onlyStandInAccepts: boolean;
  /** What is left differs, but in fields only that the update does not name. */
  readonly elsewhere: boolean;
  /** Both answered, and the same but for the order of fields. */
  readonly onlyOrder: boolean;
}

const pieces = (text: string): string =>
  text
    .split(/[{}[\], ]+/u)
    .sort()
    .join(' ');

function filtersOf(command: Document): unknown[] {
  const {
    filter,
    query,
    updates = [],
    deletes = [],
    pipeline = [],
  } = command as {
    filter?: unknown;
    query?: unknown;
    updates?: { q: unknown }[];
    deletes?: { q: unknown }[];
    pipeline?: { $match?: unknown }[];
  };
  const all = [
    filter,
    query,
    ...[...updates, ...deletes].map(({ q }) => q),
    ...pipeline.map(({ $match }) => $match),
  ];
  return all.filter((one) => one !== undefined);
}

/** Whether two lists of documents differ only in what the command does not name: other fields, or other documents. */
function differElsewhere(command: string, left: Difference['left']): boolean {
  if (left === undefined) return false;
  const target = /\{_id: (\d)\}/u.exec(command)?.[1];
  const names = new Set<string>();
  let isTargetSame = target !== undefined;
  for (const [index, document] of left.expected.entries()) {
    const there = left.there[index] ?? {};
    if (show(document) === show(there)) continue;
    if (show(document._id) === target) isTargetSame = false;
    for (const name of new Set([...Object.keys(document), ...Object.keys(there)]))
      if (show(document[name]) !== show(there[name])) names.add(name);
  }
  if (names.size === 0) return false;
  return isTargetSame || [...names].every((name) => !new RegExp(`\\b${name}\\b`, 'u').test(command));
}

/** Numbers without their types. */
export const withoutTypes = (documents: readonly Document[]): string =>
  documents
    .map(show)
    .join(' ')
    .replace(/(?<=\d)(L|m|\.0)(?!\d)/gu, '');

/** What a difference looks like. */
export function looksOf(difference: Difference): Looks {
  const { operation, before, expected, answered, left } = difference;
  const [kind = ''] = Object.keys(operation.command);
  const texts: readonly [string, string] =
    left === undefined
      ? [expected.text, answered.text]
      : [left.expected.map(show).join(' '), left.there.map(show).join(' ')];
  return {
    command: show(operation.command),
    filter: filtersOf(operation.command).map(show).join(' '),
    documents: before.map(show).join(' '),
    difference,
    kind,
    message: answered.error === undefined ? '' : (answered.message ?? ''),
    onlyStandInFails: expected.error === undefined && answered.error !== undefined,
    onlyStandInAccepts: expected.error !== undefined && answered.error === undefined,
    elsewhere: differElsewhere(show(operation.command), left),
    onlyOrder:
      expected.error === undefined && answered.error === undefined && pieces(texts[0]) === pieces(texts[1]),
  };
}
