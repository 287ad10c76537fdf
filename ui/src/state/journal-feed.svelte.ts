// A list of events that grows at the top. New events come in at once while the reader is not in the way; they wait in a bar while
// the journal is paused, or while the reader is somewhere in the list. Capped at 500 rows, newest kept.
import { appendOlder, emptyFeed, type Feed, receive, release, restart } from '../models/live-rows.ts';
import type { JournalEvent } from '../services/contract.ts';
import { onJournalEvent } from './live.svelte.ts';

const keyOf = (event: JournalEvent): string => event.position;
const timeOf = (event: JournalEvent): number => Date.parse(event.time);

export interface JournalFeed {
  readonly rows: readonly JournalEvent[];
  readonly waiting: number;
  paused: boolean;
  /** Whether the reader is in the list now (pointer, focus, or scrolled into it). */
  readerInList: boolean;
  /** Starts anew from a query's answer. */
  readonly reset: (events: readonly JournalEvent[]) => void;
  readonly append: (older: readonly JournalEvent[]) => void;
  readonly show: () => void;
}

/** @param wanted whether a live event belongs to the list; @param cap how many rows at most */
export function createJournalFeed(wanted: (event: JournalEvent) => boolean, cap = 500): JournalFeed {
  let feed = $state.raw<Feed<JournalEvent>>(emptyFeed);
  let paused = $state(false);
  let readerInList = $state(false);

  $effect(() =>
    onJournalEvent((event) => {
      if (wanted(event)) feed = receive(feed, event, { keyOf, hold: paused || readerInList, cap });
    }),
  );

  return {
    get rows() {
      return feed.rows;
    },
    get waiting() {
      return feed.waiting.length;
    },
    get paused() {
      return paused;
    },
    set paused(value) {
      paused = value;
    },
    get readerInList() {
      return readerInList;
    },
    set readerInList(value) {
      readerInList = value;
    },
    reset: (events) => {
      feed = restart(feed, events, { keyOf, timeOf, wanted, cap });
    },
    append: (older) => {
      feed = appendOlder(feed, older, keyOf, cap);
    },
    show: () => {
      feed = release(feed, cap);
    },
  };
}
