// The groups that live here: gives each its events, carries out what comes of them, and wakes it when a deadline passes. A
// JoinGroup or SyncGroup that waits is a ticket; when its connection closes the group hears of it and nothing is kept.
import { errorCodes, type ErrorCode } from '../protocol/errors.ts';
import type { JoinGroupResponse } from '../protocol/messages/join-group.ts';
import type { SyncGroupResponse } from '../protocol/messages/sync-group.ts';
import { Alarm, type Clock } from './clock.ts';
import type { AfterStore, Effect, Turn } from './effects.ts';
import { newGroup, noAssignment, type Group, type Ticket } from './group.ts';
import { abandon, expire, nextDeadline } from './membership.ts';
import { joinError } from './rebalance.ts';
import { groupEntry, type GroupRecord } from './records.ts';
import type { CoordinatorStore } from './store.ts';
import { stored } from './sync.ts';

interface Hosted {
  readonly group: Group;
  readonly alarm: Alarm;
}

/** Answers to be given later, by ticket. */
type Waiting<Answer> = Map<Ticket, (answer: Answer) => void>;

/** Every group, by id. */
export class Groups {
  readonly #store: CoordinatorStore;
  readonly #clock: Clock;
  readonly #hosted = new Map<string, Hosted>();
  readonly #joins: Waiting<JoinGroupResponse> = new Map();
  readonly #syncs: Waiting<SyncGroupResponse> = new Map();
  #tickets = 0;

  constructor(store: CoordinatorStore, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
  }

  find(groupId: string): Group | undefined {
    return this.#hosted.get(groupId)?.group;
  }

  findOrMake(groupId: string): Group {
    return this.find(groupId) ?? this.add(newGroup(groupId, this.#clock.now()));
  }

  /** Takes in a group, as it is read when the broker starts. */
  add(group: Group): Group {
    const alarm = new Alarm(this.#clock, () => {
      this.turn(group, (turn) => {
        expire(group, turn);
      });
    });
    this.#hosted.set(group.groupId, { group, alarm });
    alarm.by(nextDeadline(group));
    return group;
  }

  /** Forgets a group; who speaks to it after this speaks to a new one. */
  remove(group: Group): void {
    group.state = 'Dead';
    this.#hosted.get(group.groupId)?.alarm.cancel();
    this.#hosted.delete(group.groupId);
  }

  *all(): Generator<Group> {
    for (const { group } of this.#hosted.values()) yield group;
  }

  /** Gives a group an event and carries out its effects. */
  turn<Result>(group: Group, event: (turn: Turn) => Result): Result {
    const turn: Turn = { now: this.#clock.now(), effects: [] };
    const result = event(turn);
    for (const effect of turn.effects) this.#carryOut(group, effect);
    this.#hosted.get(group.groupId)?.alarm.by(nextDeadline(group));
    return result;
  }

  /** Gives a group a JoinGroup and waits for its answer. */
  join(
    group: Group,
    signal: AbortSignal,
    event: (ticket: Ticket, turn: Turn) => void,
  ): Promise<JoinGroupResponse> {
    return this.#ask(group, this.#joins, joinError(errorCodes.COORDINATOR_NOT_AVAILABLE, ''), signal, event);
  }

  /** Gives a group a SyncGroup and waits for its answer. */
  sync(
    group: Group,
    signal: AbortSignal,
    event: (ticket: Ticket, turn: Turn) => void,
  ): Promise<SyncGroupResponse> {
    const gone = { errorCode: errorCodes.COORDINATOR_NOT_AVAILABLE, assignment: noAssignment };
    return this.#ask(group, this.#syncs, gone, signal, event);
  }

  /** Requests that wait for an answer. */
  get waiting(): number {
    return this.#joins.size + this.#syncs.size;
  }

  /** Answers whoever waits, and does nothing by itself any more. */
  close(): void {
    for (const { alarm } of this.#hosted.values()) alarm.cancel();
    for (const answer of this.#joins.values()) answer(joinError(errorCodes.COORDINATOR_NOT_AVAILABLE, ''));
    for (const answer of this.#syncs.values()) {
      answer({ errorCode: errorCodes.COORDINATOR_NOT_AVAILABLE, assignment: noAssignment });
    }
    this.#hosted.clear();
  }

  #ask<Answer>(
    group: Group,
    waiting: Waiting<Answer>,
    gone: Answer,
    signal: AbortSignal,
    event: (ticket: Ticket, turn: Turn) => void,
  ): Promise<Answer> {
    if (signal.aborted) return Promise.resolve(gone);
    const ticket = ++this.#tickets;
    const { promise, resolve } = Promise.withResolvers<Answer>();
    const onGone = () => {
      waiting.delete(ticket);
      resolve(gone);
      this.turn(group, (turn) => {
        abandon(group, ticket, turn);
      });
    };
    signal.addEventListener('abort', onGone, { once: true });
    waiting.set(ticket, (answer) => {
      waiting.delete(ticket);
      signal.removeEventListener('abort', onGone);
      resolve(answer);
    });
    this.turn(group, (turn) => {
      event(ticket, turn);
    });
    return promise;
  }

  #carryOut(group: Group, effect: Effect): void {
    switch (effect.kind) {
      case 'join answer':
        this.#joins.get(effect.ticket)?.(effect.answer);
        break;
      case 'sync answer':
        this.#syncs.get(effect.ticket)?.(effect.answer);
        break;
      case 'store':
        void this.#keep(group, effect.record, effect.then);
    }
  }

  async #keep(group: Group, record: GroupRecord, after: AfterStore | null): Promise<void> {
    let errorCode: ErrorCode = errorCodes.NONE;
    try {
      await this.#store.append([groupEntry(record)]);
    } catch {
      // The log says why. A generation that is not durable is not handed out; that a group is empty need not be known again.
      errorCode = errorCodes.COORDINATOR_NOT_AVAILABLE;
    }
    if (after === null) return;
    this.turn(group, (turn) => {
      stored(group, after, errorCode, turn);
    });
  }
}
