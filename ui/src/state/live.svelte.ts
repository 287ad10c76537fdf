// The one live stream of this tab: connection state, that projections have changed, and whoever wants each journal event.
// Also the events of the last minute, for rates. Bounded: at most 2,000 instants are kept.
import type { JournalEvent } from '../services/contract.ts';
import { openLiveStream, type StreamState } from '../services/live-stream.ts';

export type JournalListener = (event: JournalEvent) => void;

const rateWindowMs = 60_000;
const maxInstants = 2_000;

let state = $state<StreamState>('connecting');
let projectionChanges = $state(0);
let arrivals = $state.raw<readonly { at: number; topic: string; isReaction: boolean }[]>([]);
let restored = $state(0);
let listeners: readonly JournalListener[] = [];

export interface Rates {
  readonly orders: number;
  readonly stock: number;
  readonly reactions: number;
}

export const live = {
  get state(): StreamState {
    return state;
  },
  /** How often the stream has said that a projection's state changed. */
  get projectionChanges(): number {
    return projectionChanges;
  },
  /** How often a lost connection has come back. */
  get restored(): number {
    return restored;
  },
  /** Events per minute, counted over the last 60 s. */
  rates(now: number): Rates {
    const recent = arrivals.filter(({ at }) => at > now - rateWindowMs);
    return {
      orders: recent.filter(({ topic }) => topic === 'orders').length,
      stock: recent.filter(({ topic }) => topic === 'stock').length,
      reactions: recent.filter(({ isReaction }) => isReaction).length,
    };
  },
};

/** Calls the listener for every event of the journal from now on; the returned function ends that. */
export function onJournalEvent(listener: JournalListener): () => void {
  listeners = [...listeners, listener];
  return () => {
    listeners = listeners.filter((known) => known !== listener);
  };
}

function received(event: JournalEvent): void {
  const isReaction = event.causationId !== event.commandId;
  const now = Date.now();
  arrivals = [
    ...arrivals.filter(({ at }) => at > now - rateWindowMs),
    { at: now, topic: event.topic, isReaction },
  ].slice(-maxInstants);
  for (const listener of listeners) listener(event);
}

/** Opens the stream; the returned function closes it. */
export function startLive(): () => void {
  return openLiveStream({
    onJournal: received,
    onProjections: () => {
      projectionChanges += 1;
    },
    onState: (next) => {
      if (state === 'lost' && next === 'open') restored += 1;
      state = next;
    },
  });
}
