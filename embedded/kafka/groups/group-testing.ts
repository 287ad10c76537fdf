// A group under test: events go in by name, answers and stored records come out, and time passes when the test says so.
import { errorCodes, type ErrorCode } from '../protocol/errors.ts';
import type { JoinGroupResponse } from '../protocol/messages/join-group.ts';
import type { SyncGroupResponse } from '../protocol/messages/sync-group.ts';
import type { AfterStore, Turn } from './effects.ts';
import { newGroup, type Group, type Ticket } from './group.ts';
import { join } from './join.ts';
import { abandon, expire, heartbeat, leave, nextDeadline, type Leaver } from './membership.ts';
import type { GroupRecord } from './records.ts';
import { stored, sync } from './sync.ts';

export interface JoinSettings {
  readonly newMemberId?: string;
  readonly requiresKnownMemberId?: boolean;
  readonly groupInstanceId?: string;
  readonly sessionTimeoutMs?: number;
  readonly rebalanceTimeoutMs?: number;
  readonly protocolType?: string;
  readonly protocols?: readonly string[];
  readonly reads?: string;
}

type Answer = JoinGroupResponse | SyncGroupResponse;

/** A group with nobody in it. Records are on the disk at once unless the test wants to say when. */
export const scenario = ({ storeAtOnce = true } = {}): Scenario => new Scenario(storeAtOnce);

export class Scenario {
  readonly group: Group;
  readonly records: GroupRecord[] = [];
  readonly answers = new Map<Ticket, Answer>();
  /** Tickets that were answered more than once. */
  readonly answeredTwice: Ticket[] = [];
  readonly #storeAtOnce: boolean;
  readonly #known = new Set<string>();
  readonly #storing: AfterStore[] = [];
  #now = 0;
  #tickets = 0;

  constructor(storeAtOnce: boolean) {
    this.#storeAtOnce = storeAtOnce;
    this.group = newGroup('shop', 0);
  }

  get state(): string {
    return this.group.state;
  }

  get generation(): number {
    return this.group.generation;
  }

  get stores(): number {
    return this.#storing.length;
  }

  /** A member joins: with its id if it has ever had one, and as a new one, which gets the id it is called by, if not. */
  join(memberId: string, settings: JoinSettings = {}): Ticket {
    const ticket = ++this.#tickets;
    const { newMemberId = memberId, requiresKnownMemberId = false, groupInstanceId = null } = settings;
    const { sessionTimeoutMs = 30_000, rebalanceTimeoutMs = 60_000, protocolType = 'consumer' } = settings;
    const { protocols = ['range'], reads = `${newMemberId} reads` } = settings;
    const request = {
      ...{
        ticket,
        newMemberId,
        requiresKnownMemberId,
        groupInstanceId,
        sessionTimeoutMs,
        rebalanceTimeoutMs,
      },
      ...{ memberId: this.#known.has(memberId) ? memberId : '', clientId: 'test', clientHost: '/127.0.0.1' },
      protocolType,
      protocols: protocols.map((name) => ({ name, metadata: Buffer.from(reads) })),
    };
    this.#known.add(newMemberId);
    this.#turn((turn) => {
      join(this.group, request, turn);
    });
    return ticket;
  }

  joined(memberId: string, settings: JoinSettings = {}): JoinGroupResponse {
    const answer = this.answer(this.join(memberId, settings));
    if (answer === undefined || !('leader' in answer))
      throw new Error(`${memberId} has no answer to its JoinGroup`);
    return answer;
  }

  sync(
    memberId: string,
    assignments: Readonly<Record<string, string>> = {},
    settings: {
      readonly generation?: number;
      readonly protocolName?: string;
      readonly groupInstanceId?: string;
    } = {},
  ): Ticket {
    const ticket = ++this.#tickets;
    const { generation = this.generation, protocolName = null, groupInstanceId = null } = settings;
    const given = Object.entries(assignments).map(([id, text]) => ({
      memberId: id,
      assignment: Buffer.from(text),
    }));
    this.#turn((turn) => {
      const request = { ticket, memberId, groupInstanceId, generation, protocolType: null, protocolName };
      sync(this.group, { ...request, assignments: given }, turn);
    });
    return ticket;
  }

  heartbeat(
    memberId: string,
    settings: { readonly generation?: number; readonly groupInstanceId?: string } = {},
  ): ErrorCode {
    const { generation = this.generation, groupInstanceId = null } = settings;
    return this.#turn((turn) => heartbeat(this.group, { memberId, groupInstanceId, generation }, turn));
  }

  leave(...leavers: readonly Leaver[]): ErrorCode[] {
    return this.#turn((turn) => leave(this.group, leavers, turn));
  }

  abandon(ticket: Ticket): void {
    this.#turn((turn) => {
      abandon(this.group, ticket, turn);
    });
  }

  answer(ticket: Ticket): Answer | undefined {
    return this.answers.get(ticket);
  }

  /** The record that was asked to be stored first is on the disk, or cannot be written. */
  storeDone(errorCode: ErrorCode = errorCodes.NONE): void {
    const after = this.#storing.shift();
    if (after === undefined) throw new Error('nothing is being stored');
    this.#turn((turn) => {
      stored(this.group, after, errorCode, turn);
    });
  }

  /** Lets time pass; deadlines are met at their time. */
  advance(ms: number): void {
    const end = this.#now + ms;
    for (;;) {
      const due = nextDeadline(this.group);
      if (due > end) break;
      this.#now = Math.max(this.#now, due);
      this.#turn((turn) => {
        expire(this.group, turn);
      });
    }
    this.#now = end;
  }

  /** A generation of these members that waits for its assignments; the first leads. */
  with(...given: readonly (string | JoinSettings)[]): this {
    const settings = given.find((each) => typeof each !== 'string') ?? {};
    for (const name of given.filter((each) => typeof each === 'string')) {
      const before = [...this.group.members.keys()];
      this.join(name, settings);
      for (const member of before) this.join(member, settings);
    }
    return this;
  }

  /** The same with assignments: each reads `<member> of <generation>`. */
  stable(...given: readonly (string | JoinSettings)[]): this {
    this.with(...given);
    const { group } = this;
    const assignments = Object.fromEntries(
      [...group.members.keys()].map((id) => [id, `${id} of ${String(group.generation)}`]),
    );
    const leader = group.leader ?? '';
    for (const member of [...group.members.values()].sort((a) => (a.memberId === leader ? -1 : 1))) {
      this.sync(member.memberId, member.memberId === leader ? assignments : {}, {
        ...(member.groupInstanceId === null ? {} : { groupInstanceId: member.groupInstanceId }),
      });
    }
    return this;
  }

  #turn<Result>(event: (turn: Turn) => Result): Result {
    const turn: Turn = { now: this.#now, effects: [] };
    const result = event(turn);
    for (const effect of turn.effects) {
      if (effect.kind === 'store') {
        this.records.push(effect.record);
        if (effect.then !== null) this.#storing.push(effect.then);
      } else if (this.answers.has(effect.ticket)) this.answeredTwice.push(effect.ticket);
      else this.answers.set(effect.ticket, effect.answer);
    }
    while (this.#storeAtOnce && this.#storing.length > 0) this.storeDone();
    return result;
  }
}
