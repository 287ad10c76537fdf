import { describe, expect, it } from 'vitest';
import { journalEvent } from '../testing/journal-event.ts';
import { instantInput, instantParameter, isFiltered, matches, readFilter } from './journal-filter.ts';

const filter = (search: string) => readFilter(new URLSearchParams(search));
const event = journalEvent({ type: 'OrderPaid', key: 'order-9', data: { method: 'Card' } });

describe('the journal’s filter', () => {
  it.each(['', 'topic=orders', 'type=OrderPaid', 'key=order-9', 'correlationId=correlation-1', 'q=cARD'])(
    'lets the event through with %j',
    (search) => {
      expect(matches(filter(search), event)).toBe(true);
    },
  );

  it.each([
    'topic=stock',
    'type=OrderPlaced',
    'key=order',
    'correlationId=other',
    'q=transfer',
    'topic=orders&q=none',
  ])('keeps it out with %j', (search) => {
    expect(matches(filter(search), event)).toBe(false);
  });

  it('takes the span from an instant up to, but not including, another', () => {
    expect(matches(filter(`from=${event.time}`), event)).toBe(true);
    expect(matches(filter(`to=${event.time}`), event)).toBe(false);
  });

  it('knows whether it filters at all', () => {
    expect(isFiltered(filter('cursor=3'))).toBe(false);
    expect(isFiltered(filter('q=x'))).toBe(true);
  });

  it('reads the time field as UTC, and writes it back', () => {
    expect(instantParameter('2026-11-25T10:30')).toBe('2026-11-25T10:30:00.000Z');
    expect(instantInput('2026-11-25T10:30:00.000Z')).toBe('2026-11-25T10:30');
    expect(instantParameter('')).toBe('');
    expect(instantInput('nonsense')).toBe('');
  });
});
