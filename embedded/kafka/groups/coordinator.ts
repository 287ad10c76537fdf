// The group coordinator: opens what is known of groups and their offsets, answers for them, and forgets what is out of date.
import { randomUUID } from 'node:crypto';
import { errorCodes, type ErrorCode } from '../protocol/errors.ts';
import { Alarm, systemClock, type Clock } from './clock.ts';
import { Commits } from './commits.ts';
import { noAssignment, type Group } from './group.ts';
import { Groups } from './groups.ts';
import { Offsets } from './offsets.ts';
import { groupTombstone, readEntry, type GroupRecord, type OffsetKey } from './records.ts';
import { expiredOffsets, retentionCheckMs } from './retention.ts';
import type { CoordinatorStore } from './store.ts';

/** What a group coordinator needs. */
export interface GroupCoordinatorOptions {
  /** `__consumer_offsets`. */
  readonly store: CoordinatorStore;
  /** The machine's if not given. */
  readonly clock?: Clock;
  /** Makes what is unique in a new member's id. */
  readonly newId?: () => string;
}

/** The coordinator of all groups. */
export class GroupCoordinator {
  readonly groups: Groups;
  readonly offsets = new Offsets();
  readonly commits: Commits;
  readonly newId: () => string;
  readonly #store: CoordinatorStore;
  readonly #clock: Clock;
  readonly #retention: Alarm;

  private constructor({ store, clock = systemClock, newId = randomUUID }: GroupCoordinatorOptions) {
    this.#store = store;
    this.#clock = clock;
    this.newId = newId;
    this.groups = new Groups(store, clock);
    this.commits = new Commits(store, clock, this.groups, this.offsets);
    this.#retention = new Alarm(clock, () => {
      void this.forgetExpired();
    });
  }

  /**
   * Reads what is kept. Members of groups that were stable are given a session time-out to be heard from again.
   *
   * @throws what the store throws
   */
  static async open(options: GroupCoordinatorOptions): Promise<GroupCoordinator> {
    const coordinator = new GroupCoordinator(options);
    await coordinator.#load();
    coordinator.#retention.by(coordinator.#clock.now() + retentionCheckMs);
    return coordinator;
  }

  async #load(): Promise<void> {
    const records = new Map<string, GroupRecord>();
    const { offsets } = this;
    await this.#store.load((key, value) => {
      const entry = readEntry(key, value);
      if (entry?.kind === 'group') {
        if (entry.record === null) records.delete(entry.groupId);
        else records.set(entry.groupId, entry.record);
      } else if (entry?.kind === 'offset') {
        if (entry.committed === null) offsets.delete(entry.key);
        else offsets.set(entry.key, entry.committed);
      } else if (entry?.kind === 'pending offset') {
        if (entry.committed === null) offsets.release(entry.producerId, entry.key);
        else offsets.hold(entry.producerId, entry.key, entry.committed);
      }
    });
    const now = this.#clock.now();
    for (const record of records.values()) this.groups.add(groupOf(record, now));
    for (const groupId of offsets.groups()) this.groups.findOrMake(groupId);
  }

  /** Deletes a group that has no members, with its offsets. */
  async delete(groupId: string): Promise<ErrorCode> {
    if (groupId === '') return errorCodes.INVALID_GROUP_ID;
    const group = this.groups.find(groupId);
    if (group === undefined) return errorCodes.GROUP_ID_NOT_FOUND;
    if (group.state !== 'Empty') return errorCodes.NON_EMPTY_GROUP;
    this.groups.remove(group);
    return this.commits.delete(this.#keysOf(groupId), [groupTombstone(groupId)]);
  }

  #keysOf(groupId: string): OffsetKey[] {
    const held = this.offsets.held().filter(({ key }) => key.group === groupId);
    return [...this.offsets.ofGroup(groupId), ...held].map(({ key }) => key);
  }

  /** A topic was deleted: nobody's place in it means anything any more. */
  async forgetTopic(topic: string): Promise<void> {
    const all = [...this.offsets.groups()].flatMap((groupId) => this.#keysOf(groupId));
    const keys = all.filter((key) => key.topic === topic);
    if (keys.length > 0) await this.commits.delete(keys);
  }

  /** Deletes offsets that are out of date, and the groups of which nothing is left. */
  async forgetExpired(): Promise<void> {
    const now = this.#clock.now();
    for (const group of [...this.groups.all()]) {
      const { groupId } = group;
      const expired = expiredOffsets(group, this.offsets, now);
      const all = [...this.offsets.ofGroup(groupId)];
      const isLeft = all.length > expired.length || this.offsets.holdsFor(groupId) || group.pending.size > 0;
      if (group.state === 'Empty' && !isLeft) await this.delete(groupId);
      else if (expired.length > 0) await this.commits.delete(expired);
    }
    this.#retention.by(this.#clock.now() + retentionCheckMs);
  }

  /** Answers whoever waits; nothing happens by itself after this. The store is its owner's to close. */
  close(): void {
    this.#retention.cancel();
    this.groups.close();
  }
}

/** A group as it was when its record was written. */
function groupOf(record: GroupRecord, now: number): Group {
  const { groupId, generation, protocolType, protocol, leader, members } = record;
  return {
    groupId,
    generation,
    protocolType: protocolType === '' ? null : protocolType,
    protocol,
    leader,
    state: members.length > 0 ? 'Stable' : 'Empty',
    stateSince: record.currentStateTimestamp,
    members: new Map(
      members.map((member) => [
        member.memberId,
        {
          memberId: member.memberId,
          groupInstanceId: member.groupInstanceId,
          clientId: member.clientId,
          clientHost: member.clientHost,
          rebalanceTimeoutMs: member.rebalanceTimeout,
          sessionTimeoutMs: member.sessionTimeout,
          protocols:
            protocol === null ? [] : [{ name: protocol, metadata: Buffer.from(member.subscription) }],
          assignment: member.assignment.length === 0 ? noAssignment : Buffer.from(member.assignment),
          joining: null,
          syncing: null,
          isNew: false,
          deadline: now + member.sessionTimeout,
        },
      ]),
    ),
    pending: new Map(),
    unsynced: new Set(),
    joinDeadline: null,
    syncDeadline: null,
  };
}
