// One Idempotency-Key per user action: pressing "Try again" after an unknown outcome repeats the same action, so it keeps the
// key and can have its effect only once; another body is another action, so it gets a key of its own.
import type { Command } from './commands.ts';

export interface UserAction {
  readonly key: string;
  readonly fingerprint: string;
}

const fingerprintOf = (command: Command): string => JSON.stringify([command.path, command.body]);

/**
 * The action for this command: the pending one again when it says the same, otherwise a new one.
 *
 * @param pending the last action, when its outcome is still unknown
 */
export function actionFor(
  command: Command,
  pending: UserAction | undefined,
  newKey: () => string = () => crypto.randomUUID(),
): UserAction {
  const fingerprint = fingerprintOf(command);
  return pending?.fingerprint === fingerprint ? pending : { key: newKey(), fingerprint };
}
