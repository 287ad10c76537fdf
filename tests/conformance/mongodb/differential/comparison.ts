// One history on several servers at once: the same documents, then the same operations. After each one the answers and what the
// collection holds are compared with the first server's; a server that differs is set right again, so that one difference is one.
import { EJSON } from 'bson';
import type { Db, Document } from 'mongodb';
import { ask, contents, restore, type Answer } from './answers.ts';
import { show } from './notation.ts';
import type { Operation } from './operations.ts';

/** A server of a comparison. */
export interface Side<Name extends string = string> {
  readonly name: Name;
  readonly db: Db;
  readonly collection: string;
}

/** What two servers answered otherwise. */
export interface Difference<Name extends string = string> {
  readonly side: Name;
  readonly operation: Operation;
  /** What the collection held before. */
  readonly before: readonly Document[];
  readonly expected: Answer;
  readonly answered: Answer;
  /** Another side was asked too, and answered and holds what the first one does. */
  readonly isAlone: boolean;
  /** Another side answered, and holds, the very same that this one does. */
  readonly isShared: boolean;
  /** What the collections held afterwards, when the answers were the same. */
  readonly left?: { readonly expected: readonly Document[]; readonly there: readonly Document[] };
}

const asText = (documents: readonly Document[]): string => EJSON.stringify(documents, { relaxed: false });

/** Errors are compared as errors: which code comes first among several faults is not decided. */
const same = (a: Answer, b: Answer): boolean =>
  (a.error === undefined) === (b.error === undefined) && a.text === b.text;

/** Whether two sides differ from the first one in the same way. */
const alike = (a: Pick<Difference, 'answered' | 'left'>, b: Pick<Difference, 'answered' | 'left'>): boolean =>
  same(a.answered, b.answered) && asText(a.left?.there ?? []) === asText(b.left?.there ?? []);

/** Gives a side documents; whether it holds exactly these afterwards. */
async function holds({ db, collection }: Side, documents: readonly Document[]): Promise<boolean> {
  if (!(await restore(db, collection, documents))) return false;
  const there = await contents(db, collection);
  return there !== undefined && asText(there) === asText(documents);
}

/**
 * Runs a history on all sides; the first is what the others are compared with.
 *
 * @param onDifference - told of each difference; the side is then given the first one's documents, and left out of the rest of
 *   the history when it cannot store them or has other indexes now
 * @returns how many answers were compared
 */
export async function compare<Name extends string>(
  [reference, ...others]: readonly [Side<Name>, ...Side<Name>[]],
  documents: readonly Document[],
  operations: readonly Operation[],
  onDifference: (difference: Difference<Name>) => void,
): Promise<number> {
  await restore(reference.db, reference.collection, documents);
  const sides = new Set(others);
  for (const side of others) if (!(await restore(side.db, side.collection, documents))) sides.delete(side);
  let compared = 0;
  let before: readonly Document[] = documents;
  for (const operation of operations) {
    const asked = [...sides];
    const [expected, ...answers] = await Promise.all([
      ask(reference.db, reference.collection, operation),
      ...asked.map(({ db, collection }) => ask(db, collection, operation)),
    ]);
    const after = await contents(reference.db, reference.collection);
    if (after === undefined) throw new Error(`${reference.name} does not say what it holds`);
    const found: Omit<Difference<Name>, 'isAlone' | 'isShared'>[] = [];
    let agreed = 0;
    for (const [index, side] of asked.entries()) {
      const answered = answers[index];
      if (answered === undefined) continue;
      const isSame = same(expected, answered);
      const there = await contents(side.db, side.collection);
      if (there === undefined) {
        sides.delete(side);
        continue;
      }
      compared += 1;
      const isLeftSame = asText(there) === asText(after);
      // How far many writes come before one of them fails depends on the order of the documents.
      const isUndecided = operation.many && expected.error !== undefined && answered.error !== undefined;
      if (!isSame) found.push({ side: side.name, operation, before, expected, answered });
      else if (!isLeftSame && !isUndecided)
        found.push({
          side: side.name,
          operation,
          before,
          expected,
          answered,
          left: { expected: after, there },
        });
      else agreed += 1;
      if (!isSame && 'createIndexes' in operation.command) sides.delete(side);
      else if (!isLeftSame && !(await holds(side, after))) sides.delete(side);
    }
    for (const difference of found) {
      const isShared = found.some((other) => other !== difference && alike(other, difference));
      onDifference({ ...difference, isAlone: agreed > 0, isShared });
    }
    before = after;
  }
  return compared;
}

/**
 * The difference again with a single document, when one is enough to show it.
 *
 * @param sides - the first one and the one that differs
 */
export async function smallest<Name extends string>(
  sides: readonly [Side<Name>, Side<Name>],
  difference: Difference<Name>,
): Promise<Difference<Name>> {
  for (const document of difference.before) {
    let found: Difference<Name> | undefined;
    // Some answer an error when there is nothing to drop.
    await Promise.allSettled(sides.map(({ db, collection }) => db.collection(collection).drop()));
    await compare(sides, [document], [difference.operation], (smaller) => {
      found = smaller;
    });
    if (found !== undefined) return found;
  }
  return difference;
}

/** A difference as text: what was there, what was asked, what came. */
export function described({ side, operation, before, expected, answered, left }: Difference): string {
  const answer = ({ text, error, message }: Answer): string =>
    error === undefined ? text : `error ${String(error)} ${message ?? ''}`;
  return [
    `documents: ${before.map(show).join(' ')}`,
    `command:   ${show(operation.command)}`,
    `expected:  ${answer(expected)}`,
    `${side}: ${answer(answered)}`,
    ...(left === undefined
      ? []
      : [
          `expected afterwards: ${left.expected.map(show).join(' ')}`,
          `${side}: ${left.there.map(show).join(' ')}`,
        ]),
  ].join('\n  ');
}
