// Where the stand-ins for mongod answer otherwise than MongoDB documents: single cases of the tables (cases-that-differ.ts) and
// kinds of generated operations (below). The embedded server has no entry: what it does otherwise is a fault of it.
import { differingCases, type DifferingCases } from './cases-that-differ.ts';
import { dropped } from './differential/answers.ts';
import type { Difference } from './differential/comparison.ts';
import { looksOf, withoutTypes, type Looks } from './differential/looks.ts';
import { show } from './differential/notation.ts';
import type { Product } from './servers.ts';

/** Why a stand-in is known to answer a case otherwise; `undefined` where it must answer as MongoDB. */
export const caseDiffers = (product: Product, group: string, says: string): DifferingCases | undefined =>
  differingCases.find(
    (entry) => entry.product === product && entry.group === group && entry.cases.includes(says),
  );

/** A kind of generated operation that a stand-in answers otherwise; `page` of the manual says what is right. */
interface KnownDifference {
  readonly product: Product;
  readonly reason: string;
  readonly page: string;
  readonly holds: (looks: Looks) => boolean;
}

const notServed =
  /not (yet )?(implemented|supported)|Unrecognized|[Uu]nknown (group )?operator|Unsupported|takes exactly|undefined variable|Unknown type name|can't convert|wrong type|not implemented/u;
const untouched = /^(n 0|null)/u;

const javaServer = (reason: string, page: string, holds: (looks: Looks) => boolean): KnownDifference => ({
  product: 'mongo-java-server',
  reason,
  page,
  holds,
});
const ferret = (reason: string, page: string, holds: (looks: Looks) => boolean): KnownDifference => ({
  product: 'ferretdb',
  reason,
  page,
  holds,
});

/** In the order in which they are tried; embedded/mongodb/README.md lists them. */
export const knownDifferences: readonly KnownDifference[] = [
  javaServer(
    'drops the connection',
    'reference/command/',
    ({ difference }) => difference.answered.error === dropped,
  ),
  javaServer(
    'does not serve it',
    'reference/operator/',
    ({ onlyStandInFails, message }) => onlyStandInFails && notServed.test(message),
  ),
  javaServer(
    'looks at an update when a document matches only',
    'reference/operator/update/',
    ({ onlyStandInAccepts, difference: { answered } }) => onlyStandInAccepts && untouched.test(answered.text),
  ),
  javaServer(
    'orders the fields of a projection, a replacement or an upsert otherwise',
    'reference/operator/update/#behavior',
    ({ onlyOrder }) => onlyOrder,
  ),
  javaServer(
    'sorts by two arrays',
    'reference/method/cursor.sort/',
    ({ difference: { expected } }) => expected.message?.includes('parallel arrays') === true,
  ),
  javaServer(
    'takes null for missing, or not, where MongoDB does not, or does',
    'tutorial/query-for-null-fields/',
    ({ filter }) => filter.includes('null'),
  ),
  javaServer(
    'takes an empty document in a filter for any value',
    'tutorial/query-embedded-documents/',
    ({ filter }) => filter.includes('{}'),
  ),
  javaServer(
    'matches regular expressions with what is no string',
    'reference/operator/query/regex/',
    ({ filter }) => filter.includes('$regex'),
  ),
  javaServer(
    'takes $slice for an inclusion',
    'reference/operator/projection/slice/',
    ({ command }) => command.includes('$slice: ') && command.includes('projection'),
  ),
  javaServer(
    'fails at $position in an empty array',
    'reference/operator/update/position/',
    ({ command, message }) => command.includes('$position') && message.includes('Index'),
  ),
  javaServer(
    'takes null for a field that is not there when it updates',
    'reference/operator/update/',
    ({ onlyStandInAccepts, documents, difference: { expected } }) =>
      onlyStandInAccepts && [2, 14, 28].includes(expected.error ?? 0) && documents.includes('null'),
  ),
  javaServer(
    'takes operators that contradict each other',
    'reference/operator/update/',
    ({ onlyStandInAccepts, difference: { expected } }) => onlyStandInAccepts && expected.error === 40,
  ),
  javaServer(
    'takes a path in $addFields for a name',
    'reference/operator/aggregation/addFields/',
    ({ command }) => /\$addFields: \{\w+\./u.test(command),
  ),
  javaServer('compares arrays with arrays otherwise', 'reference/bson-type-comparison-order/', ({ filter }) =>
    filter.includes('['),
  ),
  javaServer(
    'compares NaN and infinity otherwise',
    'reference/bson-type-comparison-order/',
    ({ filter, documents }) => filter.includes('$') && /NaN|Infinity/u.test(documents),
  ),
  javaServer(
    'compares arrays with arrays otherwise',
    'reference/bson-type-comparison-order/',
    ({ command }) => /\$(min|max): \{[\w.]+: \[/u.test(command),
  ),
  javaServer(
    'indexes two arrays together',
    'core/indexes/index-types/index-multikey/',
    ({ difference: { expected } }) => expected.error === 171,
  ),
  javaServer('fails inside', 'reference/operator/update/', ({ message }) =>
    message.startsWith('Unknown error'),
  ),
  javaServer(
    'compares what is missing and arrays otherwise in expressions',
    'reference/bson-type-comparison-order/',
    ({ kind, command }) => kind === 'aggregate' && /\$(eq|ne|gt|gte|lt|lte|cmp): \[/u.test(command),
  ),
  javaServer(
    'does nothing at $rename from below a plain value',
    'reference/operator/update/rename/',
    ({ command, onlyStandInAccepts }) => onlyStandInAccepts && command.includes('$rename'),
  ),
  javaServer(
    'groups arrays and infinities otherwise',
    'reference/operator/aggregation/group/',
    ({ command, documents }) => command.includes('$group') && /\[|Infinity/u.test(documents),
  ),
  javaServer(
    'does not index an empty array',
    'core/indexes/index-types/index-multikey/',
    ({ difference: { expected } }) =>
      expected.error === 11_000 && expected.message?.includes('undefined') === true,
  ),
  javaServer(
    'does not find what is not below an empty array with $not',
    'reference/operator/query/not/',
    ({ filter }) => filter.includes('$not'),
  ),
  javaServer(
    'takes a number in a projection or a sort otherwise',
    'core/document/#dot-notation',
    ({ command }) => /(project|projection|sort)[^}]*\.\d/u.test(command),
  ),
  javaServer('adds negative zero to nothing as zero', 'reference/operator/update/inc/', ({ command }) =>
    command.includes('-0.0'),
  ),
  javaServer(
    'compares what is missing below an array',
    'reference/operator/query-comparison/',
    ({ filter, documents }) => /\w\.\w+: \{[^}]*\$[gl]te?/u.test(filter) && documents.includes('['),
  ),
  javaServer(
    'takes an update of an equal number of another type for none',
    'reference/operator/update/set/',
    ({ difference: { expected, answered } }) =>
      expected.text.replace(/modified \d+/u, '') === answered.text.replace(/modified \d+/u, '') &&
      expected.text !== answered.text,
  ),
  javaServer('pulls by a document what is no document', 'reference/operator/update/pull/', ({ command }) =>
    /\$pull: \{[\w.]+: \{\w/u.test(command),
  ),
  javaServer(
    'does nothing at $pull and $pullAll below a plain value',
    'reference/operator/update/pull/',
    ({ command, difference: { expected } }) => command.includes('$pull') && expected.error === 28,
  ),
  javaServer(
    'projects a document below a missing field otherwise',
    'tutorial/project-fields-from-query-results/',
    ({ command }) => /(\$project|projection): \{[^}]*\w\.\w+: 1/u.test(command),
  ),
  javaServer(
    'replaces a document by the fields of $addFields',
    'reference/operator/aggregation/addFields/',
    ({ command }) => /\$addFields: \{\w+: \{\w/u.test(command),
  ),
  javaServer(
    'looks at a stage when a document comes',
    'reference/operator/aggregation-pipeline/',
    ({ kind, onlyStandInAccepts, difference: { answered } }) =>
      kind === 'aggregate' && onlyStandInAccepts && answered.text === '[]',
  ),
  javaServer(
    'takes any document of an array for one without the field at $exists',
    'reference/operator/query/exists/',
    ({ filter }) => filter.includes('$exists'),
  ),
  javaServer('compares with NaN otherwise', 'reference/bson-type-comparison-order/', ({ filter }) =>
    filter.includes('NaN'),
  ),
  javaServer(
    'keeps one value in two places after $rename',
    'reference/operator/update/rename/',
    ({ elsewhere, difference: { expected, left } }) =>
      elsewhere || (left !== undefined && (expected.error !== undefined || untouched.test(expected.text))),
  ),

  javaServer(
    'takes equal numbers of different types for two elements of a set',
    'reference/operator/update/addToSet/',
    ({ command }) => command.includes('$addToSet'),
  ),
  javaServer(
    'does nothing at $pop below a plain value',
    'reference/operator/update/pop/',
    ({ command, difference: { expected } }) => command.includes('$pop') && expected.error === 28,
  ),
  javaServer(
    'writes out the zeros of a decimal',
    'reference/operator/update/inc/',
    ({ command, documents }) => `${command} ${documents}`.includes('E+3m') && command.includes('$inc'),
  ),
  javaServer(
    'orders the fields of a document in $min and $max otherwise',
    'reference/operator/update/max/',
    ({ command }) => /\$(min|max): \{[\w.]+: \{/u.test(command),
  ),
  javaServer(
    'gives zero a sign at $mul, and says that nothing changed',
    'reference/operator/update/mul/',
    ({ command, documents }) => command.includes('$mul') && / -?0\.0/u.test(documents),
  ),
  javaServer(
    'does not keep an index unique over missing fields',
    'core/index-unique/',
    ({ onlyStandInAccepts, difference: { expected } }) => onlyStandInAccepts && expected.error === 11_000,
  ),
  javaServer(
    'writes into what is stored when it computes a field',
    'reference/operator/aggregation/addFields/',
    ({ kind, difference: { left } }) => kind === 'aggregate' && left !== undefined,
  ),
  javaServer(
    'takes a number in $unset for a position',
    'reference/operator/aggregation/unset/',
    ({ command }) => /\$unset: "\w+\.\d/u.test(command),
  ),
  javaServer(
    'sorts an empty array before what is missing below it',
    'reference/method/cursor.sort/',
    ({ command, documents }) => /sort: \{[^}]*\w\.\w/u.test(command) && documents.includes('[]'),
  ),
  javaServer(
    'takes null for missing in a document that is compared whole',
    'tutorial/query-embedded-documents/',
    ({ filter, documents }) => /: \{\w/u.test(filter) && documents.includes('null'),
  ),
  javaServer(
    'wants one element within both bounds',
    'tutorial/query-arrays/',
    ({ filter, documents }) => /\$[gl]te?: [^}]*\$[gl]te?: /u.test(filter) && documents.includes('['),
  ),
  javaServer(
    'takes no notice of what stands beside $ne or $nin below an array',
    'reference/operator/query/and/',
    ({ filter, documents }) =>
      /\w\.\w+: \{(?:\$\w+: .*, )?\$(?:ne|nin): /u.test(filter) && documents.includes('['),
  ),
  javaServer(
    'keeps an equal number of another type',
    'reference/operator/update/set/',
    ({ difference: { left } }) =>
      left !== undefined && withoutTypes(left.expected) === withoutTypes(left.there),
  ),
  javaServer(
    'sorts NaN otherwise at $push',
    'reference/operator/update/sort/',
    ({ command, documents }) => command.includes('$sort: ') && `${command} ${documents}`.includes('NaN'),
  ),
  javaServer(
    'does not look into an array in an array at $pull',
    'reference/operator/update/pull/',
    ({ command, documents }) => command.includes('$pull') && documents.includes('['),
  ),
  javaServer(
    'takes what is missing below an array for the minimum key',
    'reference/bson-type-comparison-order/',
    ({ filter }) => filter.includes('MinKey'),
  ),
  javaServer('merges documents in $addFields', 'reference/operator/aggregation/addFields/', ({ command }) =>
    /\$addFields: \{\w+: "\$/u.test(command),
  ),
  javaServer(
    'takes numbers in paths otherwise',
    'core/document/#dot-notation',
    ({ command, documents }) => /\w\.\d/u.test(command) || documents.includes('{0: '),
  ),
  javaServer(
    'wraps around at the end of a long',
    'reference/operator/update/inc/',
    ({ onlyStandInAccepts, difference: { expected } }) =>
      onlyStandInAccepts && expected.message?.startsWith('Failed to apply') === true,
  ),
  javaServer(
    'takes a double into a decimal with other digits',
    'reference/operator/update/mul/',
    ({ command, difference: { left } }) =>
      /\$(mul|inc)/u.test(command) && left?.expected.some((document) => /\dm/u.test(show(document))) === true,
  ),
  javaServer(
    'sorts arrays in arrays otherwise',
    'reference/bson-type-comparison-order/',
    ({ command, documents }) => command.includes('sort') && /\[[^\]]*\[/u.test(documents),
  ),
  javaServer(
    'takes $[] beside a path below the same array',
    'reference/operator/update/positional-all/',
    ({ command, onlyStandInAccepts }) => onlyStandInAccepts && command.includes('.$['),
  ),
  javaServer(
    'computes null of what is no number and what is missing',
    'reference/operator/aggregation/multiply/',
    ({ kind, onlyStandInAccepts, difference: { expected } }) =>
      kind === 'aggregate' &&
      onlyStandInAccepts &&
      expected.message?.includes('only supports numeric') === true,
  ),
  javaServer(
    'does not look into an array that it asks an array filter about',
    'reference/operator/update/positional-filtered/',
    ({ command, documents }) => command.includes('arrayFilters: ') && /\[[^\]]*\[/u.test(documents),
  ),

  ferret(
    'does not serve it',
    'reference/operator/',
    ({ onlyStandInFails, message }) => onlyStandInFails && notServed.test(message),
  ),
  ferret('refuses an array in an array', 'reference/bson-types/', ({ message }) =>
    message.includes('nested arrays'),
  ),
  ferret(
    'looks at an update when a document matches only',
    'reference/operator/update/',
    ({ onlyStandInAccepts, difference: { answered } }) => onlyStandInAccepts && untouched.test(answered.text),
  ),
  ferret(
    'sorts by two arrays',
    'reference/method/cursor.sort/',
    ({ difference: { expected } }) => expected.message?.includes('parallel arrays') === true,
  ),
  ferret(
    'orders the fields of a projection otherwise',
    'tutorial/project-fields-from-query-results/',
    ({ onlyOrder }) => onlyOrder,
  ),
  ferret('does nothing at $push with nothing in $each', 'reference/operator/update/each/', ({ command }) =>
    command.includes('$each: []'),
  ),
  ferret('takes a path below an array for missing', 'tutorial/query-for-null-fields/', ({ filter }) =>
    filter.includes('null'),
  ),
  ferret('does not know $[]', 'reference/operator/update/positional-all/', ({ message }) =>
    message.includes("'$[]'"),
  ),
  ferret(
    'takes no notice of the modifiers of $push',
    'reference/operator/update/push/#modifiers',
    ({ command }) => /\$(slice|position|sort): -?\d/u.test(command) && command.includes('$push'),
  ),
  ferret(
    'does not keep an index unique over missing fields, or over several',
    'core/index-unique/',
    ({ difference: { expected } }) => expected.error === 11_000,
  ),
  ferret('computes $mod of fractions', 'reference/operator/query/mod/', ({ filter }) =>
    filter.includes('$mod'),
  ),
  ferret(
    'indexes two arrays together',
    'core/indexes/index-types/index-multikey/',
    ({ difference: { expected } }) => expected.error === 171,
  ),
  ferret(
    'drops the connection',
    'reference/command/',
    ({ difference }) => difference.answered.error === dropped,
  ),
  ferret(
    'takes a $rename that contradicts itself or another operator',
    'reference/operator/update/rename/',
    ({ command, onlyStandInAccepts }) => onlyStandInAccepts && command.includes('$rename'),
  ),
  ferret('does not add an array to a set', 'reference/operator/update/addToSet/', ({ command }) =>
    /\$addToSet: \{[\w.]+: \[/u.test(command),
  ),
  ferret(
    'does not look for a document among the elements of an array',
    'tutorial/query-array-of-documents/',
    ({ filter, documents }) => /[[ ]\{(\}|[^$])/u.test(filter) && documents.includes('['),
  ),
  ferret(
    'takes paths in $addFields for names and strings',
    'reference/operator/aggregation/addFields/',
    ({ command }) => /\$addFields: \{(\w+\.|\w+: "\$)/u.test(command),
  ),
  ferret('takes an element away at $unset', 'reference/operator/update/unset/', ({ command }) =>
    /\$unset: \{\w+\.\d/u.test(command),
  ),
  ferret('does not serve $elemMatch on documents', 'reference/operator/query/elemMatch/', ({ filter }) =>
    filter.includes('$elemMatch'),
  ),
  ferret(
    'sorts by a field of documents in arrays otherwise',
    'reference/method/cursor.sort/',
    ({ command, documents }) => /sort: \{[^}]*\w\.\w/u.test(command) && documents.includes('['),
  ),
  ferret(
    'does not compute a document in $addFields',
    'reference/operator/aggregation/addFields/',
    ({ command }) => /\$addFields: \{\w+: \{\w/u.test(command),
  ),
  ferret(
    'stores no negative zero',
    'reference/bson-types/',
    ({ difference: { expected, left } }) =>
      expected.text.includes('-0.0') ||
      left?.expected.some((document) => show(document).includes('-0.0')) === true,
  ),
  ferret('inserts nothing of null at $setOnInsert', 'reference/operator/update/setOnInsert/', ({ command }) =>
    command.includes('$setOnInsert'),
  ),
  ferret(
    'counts a change by zero as a change',
    'reference/command/update/#output',
    ({ command, difference: { expected, answered } }) =>
      command.includes('$inc') &&
      expected.text.includes('modified 0') &&
      answered.text.includes('modified 1'),
  ),
  ferret('does not serve conditions in $pull', 'reference/operator/update/pull/', ({ command }) =>
    /\$pull: \{[\w.]+: \{/u.test(command),
  ),
];

/**
 * Whether two stand-ins may answer the same, and the embedded server something else. Elsewhere that is a difference to explain, whatever
 * each of them is known for: two that agree are more likely right than one.
 */
const evenTogether = ({
  onlyStandInAccepts,
  onlyOrder,
  filter,
  documents,
  difference: { expected, answered },
}: Looks): boolean =>
  // An update is read before the first document is looked for.
  (onlyStandInAccepts && untouched.test(answered.text)) ||
  expected.message?.includes('parallel arrays') === true ||
  expected.message?.includes('must not be on the same path') === true ||
  // Two operators of one update on the same path, $rename's target among them.
  expected.error === 40 ||
  // What is missing is null in an index, and an empty array is a value.
  (expected.error === 11_000 && /null|undefined/u.test(expected.message ?? '')) ||
  // Fields that a projection keeps stay in the document's order.
  onlyOrder ||
  // MongoDB 8.0 takes what is below plain values in an array neither for null nor for missing.
  (/\w\.\w+: .*null/u.test(filter) && documents.includes('['));

/**
 * Why a stand-in is known to answer a generated operation otherwise; `undefined` for a difference that must be explained. Where two
 * stand-ins were asked and one agrees with the server under test, the other one is taken to be wrong.
 */
export function whyItDiffers(difference: Difference<Product>): string | undefined {
  const looks = looksOf(difference);
  if (difference.isShared && difference.answered.error === undefined && !evenTogether(looks))
    return undefined;
  const known = knownDifferences.find(({ product, holds }) => product === difference.side && holds(looks));
  return known?.reason ?? (difference.isAlone ? 'stands alone with its answer' : undefined);
}
