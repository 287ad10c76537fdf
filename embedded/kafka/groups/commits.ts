// Committing offsets: who may, what is kept, and what becomes of those that are part of a transaction. In memory an offset changes
// when it is durable; one of a transaction is held from the moment it is accepted, so that the end of the transaction, which is
// appended after it, finds it.
import { errorCodes, type ErrorCode } from '../protocol/errors.ts';
import type { Clock } from './clock.ts';
import { checkMember, type Group } from './group.ts';
import type { Groups } from './groups.ts';
import { touch } from './membership.ts';
import type { Committed, Offsets } from './offsets.ts';
import { offsetEntry, pendingEntry, type Entry, type OffsetKey } from './records.ts';
import type { CoordinatorStore } from './store.ts';

/** Who commits. Generation -1 and no member: somebody who does not take part in the group, an administrator or a simple consumer. */
export interface Committer {
  readonly groupId: string;
  readonly memberId: string;
  readonly groupInstanceId: string | null;
  readonly generation: number;
}

/** An offset to be committed. */
export interface Commit {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly leaderEpoch: number;
  readonly metadata: string;
}

/** Commits offsets of groups. */
export class Commits {
  readonly #store: CoordinatorStore;
  readonly #clock: Clock;
  readonly #groups: Groups;
  readonly #offsets: Offsets;

  constructor(store: CoordinatorStore, clock: Clock, groups: Groups, offsets: Offsets) {
    this.#store = store;
    this.#clock = clock;
    this.#groups = groups;
    this.#offsets = offsets;
  }

  /** Commits offsets; none is visible before all are durable. */
  async commit(committer: Committer, commits: readonly Commit[]): Promise<ErrorCode> {
    const group = this.#groupOf(committer);
    if (group === undefined) return errorCodes.ILLEGAL_GENERATION;
    const errorCode = checkCommitter(group, committer, false);
    if (errorCode !== errorCodes.NONE) return errorCode;
    const member = group.members.get(committer.memberId);
    if (member !== undefined) {
      this.#groups.turn(group, (turn) => {
        touch(member, turn);
      });
    }
    const all = commits.map((commit) => this.#committed(committer, commit));
    return this.#append(
      all.map(({ key, committed }) => offsetEntry(key, committed)),
      () => {
        for (const { key, committed } of all) this.#offsets.set(key, committed);
        // It may have been deleted meanwhile.
        if (all.length > 0) this.#groups.findOrMake(committer.groupId);
      },
    );
  }

  /** Commits offsets when the producer's transaction commits. Whether it has one open is the caller's to know. */
  async commitInTransaction(
    producerId: number,
    committer: Committer,
    commits: readonly Commit[],
  ): Promise<ErrorCode> {
    const group = this.#groupOf(committer);
    if (group === undefined) return errorCodes.ILLEGAL_GENERATION;
    const errorCode = checkCommitter(group, committer, true);
    if (errorCode !== errorCodes.NONE) return errorCode;
    const all = commits.map((commit) => this.#committed(committer, commit));
    for (const { key, committed } of all) this.#offsets.hold(producerId, key, committed);
    return this.#append(all.map(({ key, committed }) => pendingEntry(producerId, key, committed)));
  }

  /**
   * The producer's transaction has ended: its offsets hold now, or are dropped. May be repeated.
   *
   * @throws what the store throws
   */
  async endTransaction(producerId: number, committed: boolean): Promise<void> {
    const held = this.#offsets.heldBy(producerId);
    if (held.length === 0) return;
    const tombstones = held.map(({ key }) => pendingEntry(producerId, key, null));
    // One that somebody committed later, outside the transaction, stays.
    const kept = committed ? held.filter((each) => !this.#isOlder(each)) : [];
    await this.#store.append([...kept.map((each) => offsetEntry(each.key, each.committed)), ...tombstones]);
    for (const { key, committed: offset } of kept) {
      this.#offsets.set(key, offset);
      this.#groups.findOrMake(key.group);
    }
    for (const { key } of held) this.#offsets.release(producerId, key);
  }

  #isOlder({ key, committed }: Committed): boolean {
    const present = this.#offsets.get(key);
    return present !== undefined && committed.commitTimestamp < present.commitTimestamp;
  }

  /** Deletes offsets, those that wait for a transaction too. */
  delete(keys: readonly OffsetKey[], also: readonly Entry[] = []): Promise<ErrorCode> {
    const doomed = keys.filter((key) => this.#offsets.get(key) !== undefined);
    const names = new Set(keys.map((key) => JSON.stringify([key.group, key.topic, key.partition])));
    const held = this.#offsets
      .held()
      .filter(({ key }) => names.has(JSON.stringify([key.group, key.topic, key.partition])));
    const released = [...held];
    const entries = [
      ...doomed.map((key) => offsetEntry(key, null)),
      ...released.map(({ producerId, key }) => pendingEntry(producerId, key, null)),
      ...also,
    ];
    return this.#append(entries, () => {
      for (const key of doomed) this.#offsets.delete(key);
      for (const { producerId, key } of released) this.#offsets.release(producerId, key);
    });
  }

  /** The group, made for a committer who needs none. */
  #groupOf({ groupId, generation }: Committer): Group | undefined {
    const group = this.#groups.find(groupId);
    return group === undefined && generation < 0 ? this.#groups.findOrMake(groupId) : group;
  }

  #committed({ groupId: group }: Committer, commit: Commit): Committed {
    const { topic, partition, offset, leaderEpoch, metadata } = commit;
    const committed = { offset, leaderEpoch, metadata, commitTimestamp: this.#clock.now() };
    return { key: { group, topic, partition }, committed };
  }

  async #append(entries: readonly Entry[], done = (): void => undefined): Promise<ErrorCode> {
    if (entries.length === 0) return errorCodes.NONE;
    try {
      await this.#store.append(entries);
    } catch {
      return errorCodes.COORDINATOR_NOT_AVAILABLE; // The log says why.
    }
    done();
    return errorCodes.NONE;
  }
}

/** Whether somebody may commit for a group now. */
function checkCommitter(group: Group, committer: Committer, isTransactional: boolean): ErrorCode {
  const { memberId, groupInstanceId, generation } = committer;
  if (group.state === 'Dead') return errorCodes.COORDINATOR_NOT_AVAILABLE;
  if (generation < 0 && group.state === 'Empty') return errorCodes.NONE;
  if (generation >= 0 || memberId !== '' || groupInstanceId !== null) {
    const errorCode = checkMember(group, memberId, groupInstanceId);
    if (errorCode !== errorCodes.NONE) return errorCode;
    if (generation !== group.generation) return errorCodes.ILLEGAL_GENERATION;
  } else if (!isTransactional && group.state !== 'Empty') {
    return errorCodes.UNKNOWN_MEMBER_ID;
  }
  // The member has its generation, but not what it may read: it has to synchronize first.
  return !isTransactional && group.state === 'CompletingRebalance'
    ? errorCodes.REBALANCE_IN_PROGRESS
    : errorCodes.NONE;
}
