// The exception for a history that the deciders cannot have written: an event that does not fit the state before it.
// It means a damaged log, a second writer that was not fenced, or a bug; going on would build on a wrong state.

/** An event does not fit the state it meets. Its message says which event of which aggregate, and what to do. */
export class ImpossibleEventError extends Error {
  override readonly name = 'ImpossibleEventError';

  constructor(event: string, aggregate: string, problem: string) {
    super(
      `${event} cannot be applied to ${aggregate}: ${problem}. Look at the events of this key on the topic, in order: ` +
        'one is missing, doubled or not written by the command side.',
    );
  }
}
