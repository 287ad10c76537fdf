import { describe, expect, it } from 'vitest';
import type { Notification } from '../services/contract.ts';
import { journalEvent } from '../testing/journal-event.ts';
import { type TimelineCommand, timelineOf } from './timeline.ts';

/** How many events a story holds, reactions included. */
const countEvents = (commands: readonly TimelineCommand[]): number =>
  commands.reduce(
    (sum, { events }) => sum + events.reduce((inner, { reactions }) => inner + 1 + countEvents(reactions), 0),
    0,
  );

const at = (ms: number): string => new Date(Date.parse('2026-11-25T10:00:00.000Z') + ms).toISOString();

const placed = journalEvent({ type: 'OrderPlaced', commandId: 'place', time: at(0) });
const reserved = journalEvent({
  type: 'StockReserved',
  topic: 'stock',
  key: 'TEA',
  commandId: 'reserve',
  causationId: placed.eventId,
  time: at(12),
});
const lineReserved = journalEvent({
  type: 'OrderLineReserved',
  commandId: 'record',
  causationId: reserved.eventId,
  time: at(30),
});
const confirmed = journalEvent({
  type: 'OrderConfirmed',
  commandId: 'record',
  causationId: reserved.eventId,
  time: at(30),
});
const paid = journalEvent({ type: 'OrderPaid', commandId: 'pay', time: at(5_000) });
const story = [placed, reserved, lineReserved, confirmed, paid];

/** `PlaceOrder(OrderPlaced(…))` */
const outline = (commands: readonly TimelineCommand[]): string =>
  commands
    .map(
      ({ name, events }) =>
        `${name}(${events
          .map(
            ({ event, reactions }) => event.type + (reactions.length > 0 ? ` > ${outline(reactions)}` : ''),
          )
          .join(' + ')})`,
    )
    .join(' ; ');

describe('a timeline', () => {
  it('tells command, event and reaction by causation', () => {
    expect(outline(timelineOf(story))).toBe(
      'PlaceOrder(OrderPlaced > ReserveStock(StockReserved > RecordReservation(OrderLineReserved + OrderConfirmed))) ; PayOrder(OrderPaid)',
    );
  });

  it('does not depend on the order in which events come, nor on doubles', () => {
    expect(outline(timelineOf([...story.toReversed(), paid]))).toBe(outline(timelineOf(story)));
  });

  it('measures from the first event', () => {
    const [place, pay] = timelineOf(story);
    expect(place?.events[0]?.afterMs).toBe(0);
    expect(place?.events[0]?.reactions[0]?.events[0]?.afterMs).toBe(12);
    expect(pay?.events[0]?.afterMs).toBe(5_000);
  });

  it('says which commands are reactions', () => {
    const [place] = timelineOf(story);
    expect(place?.isReaction).toBe(false);
    expect(place?.events[0]?.reactions[0]?.isReaction).toBe(true);
  });

  it('shows a reaction whose cause is not among the events, rather than hiding it', () => {
    expect(outline(timelineOf([reserved, lineReserved]))).toBe(
      'ReserveStock(StockReserved > RecordReservation(OrderLineReserved))',
    );
  });

  it('loses no event', () => {
    expect(countEvents(timelineOf(story))).toBe(story.length);
  });

  it('does not run in circles when events are their own cause', () => {
    const a = journalEvent({ type: 'OrderPaid', commandId: 'a', eventId: 'A', causationId: 'A' });
    expect(countEvents(timelineOf([a]))).toBe(1);
  });

  it('puts mail beside the event it was sent for', () => {
    const mail = {
      eventId: confirmed.eventId,
      kind: 'order-confirmed',
      to: 'ada@example.com',
    } as Notification;
    const record = timelineOf(story, [mail])[0]?.events[0]?.reactions[0]?.events[0]?.reactions[0];
    expect(record?.events.map(({ notifications }) => notifications.length)).toEqual([0, 1]);
  });

  it('names a command of an unknown event by the event itself', () => {
    expect(outline(timelineOf([journalEvent({ type: 'OrderArchived' })]))).toBe(
      'OrderArchived(OrderArchived)',
    );
  });

  it('of nothing is empty', () => {
    expect(timelineOf([])).toEqual([]);
  });
});
