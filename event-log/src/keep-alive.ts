// A member of a consumer group must be heard of while its handler works, or the group takes it for dead. kafkajs sends a heartbeat
// only when it is asked to: so it is asked once a second while a promise is pending.

/** How often: kafkajs itself sends no more than one heartbeat per its `heartbeatInterval`. Milliseconds. */
const beat = 1_000;

/** The group went on without this member, or is about to: the batch in hand is stale. `cause` is kafkajs's own error. */
export class MembershipLostError extends Error {
  override readonly name = 'MembershipLostError';
}

/**
 * Waits for `work` while the membership is kept alive.
 * @throws MembershipLostError after `work` has ended (however it ended), when a heartbeat failed meanwhile
 */
export async function keepAlive<T>(
  heartbeat: () => Promise<void>,
  work: Promise<T>,
  onLost: () => void,
): Promise<T> {
  let lost: unknown;
  const timer = setInterval(() => {
    if (lost !== undefined) return;
    heartbeat().catch((error: unknown) => {
      lost = error;
      onLost();
    });
  }, beat);
  const [outcome] = await Promise.allSettled([work]);
  clearInterval(timer);
  if (lost !== undefined)
    throw new MembershipLostError('the consumer group went on without this member', { cause: lost });
  if (outcome.status === 'rejected') throw outcome.reason;
  return outcome.value;
}
