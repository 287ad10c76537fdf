// What a topic may be called: 1 to 249 characters of the ASCII letters, digits, `.`, `_` and `-`, but not `.` or `..`; and not as
// another topic when `.` and `_` are taken for the same, as metrics do (org.apache.kafka.common.internals.Topic).

const longest = 249;

/** The broker's own topics: clients may read them, not write or delete them. */
export const isInternal = (name: string): boolean =>
  name === '__consumer_offsets' || name === '__transaction_state';

/** Why a name is not one, in words; undefined when it is. */
export function nameRefusal(name: string): string | undefined {
  if (name === '') return 'the empty string is not allowed';
  if (name === '.' || name === '..') return `'${name}' is not allowed`;
  if (name.length > longest)
    return `the length of '${name}' is longer than the max allowed length ${String(longest)}`;
  if (!/^[a-zA-Z0-9._-]+$/.test(name)) {
    return `'${name}' contains one or more characters other than ASCII alphanumerics, '.', '_' and '-'`;
  }
  return undefined;
}

/** The same for topics that must not stand beside each other. */
export const withoutDots = (name: string): string => name.replaceAll('.', '_');
