// What a group's transitions ask the coordinator to do. Whoever applies an event collects its effects and carries them out; the
// transitions themselves touch nothing but the group.
import type { JoinGroupResponse } from '../protocol/messages/join-group.ts';
import type { SyncGroupResponse } from '../protocol/messages/sync-group.ts';
import type { Ticket } from './group.ts';
import type { GroupRecord } from './records.ts';

/** What happens to a group once its record is durable: the coordinator gives it to `stored`. */
export type AfterStore =
  | {
      readonly kind: 'assigned';
      readonly generation: number;
      readonly assignments: ReadonlyMap<string, Buffer>;
    }
  /** A static member took over its group.instance.id; the generation's leader, as it was before, is what it is told. */
  | { readonly kind: 'replaced'; readonly memberId: string; readonly leader: string | null };

export type Effect =
  | { readonly kind: 'join answer'; readonly ticket: Ticket; readonly answer: JoinGroupResponse }
  | { readonly kind: 'sync answer'; readonly ticket: Ticket; readonly answer: SyncGroupResponse }
  | { readonly kind: 'store'; readonly record: GroupRecord; readonly then: AfterStore | null };

/** One event's time and what it brings about, in order. */
export interface Turn {
  readonly now: number;
  readonly effects: Effect[];
}
