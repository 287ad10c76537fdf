// What went wrong, for the person in front of the terminal: messages, no stacks.

/** The message of whatever was thrown. */
export const messageOf = (thrown: unknown): string =>
  thrown instanceof Error ? thrown.message : String(thrown);

/** One error that says what all the failed ones say, or `undefined` when none failed. */
export function failureOf(outcomes: readonly PromiseSettledResult<unknown>[]): Error | undefined {
  const messages = outcomes.flatMap((each) => (each.status === 'rejected' ? [messageOf(each.reason)] : []));
  return messages.length === 0 ? undefined : new Error(messages.join('\n'));
}
