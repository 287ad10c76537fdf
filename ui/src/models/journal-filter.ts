// The journal's filters: kept in the URL, sent to the query API, and applied to live events with the same meaning.

import type { JournalEvent } from '../services/contract.ts';

export interface JournalFilter {
  readonly topic: string;
  readonly type: string;
  readonly key: string;
  readonly correlationId: string;
  readonly from: string;
  readonly to: string;
  readonly q: string;
}

export const journalFields = ['topic', 'type', 'key', 'correlationId', 'from', 'to', 'q'] as const;

export const eventTypes: Readonly<Record<string, readonly string[]>> = {
  orders: [
    'OrderPlaced',
    'OrderLineReserved',
    'OrderLineRefused',
    'OrderConfirmed',
    'OrderRejected',
    'OrderPaid',
    'OrderShipped',
    'OrderDelivered',
    'OrderCancelled',
  ],
  stock: [
    'StockItemRegistered',
    'StockAdjusted',
    'PriceChanged',
    'StockReserved',
    'ReservationRefused',
    'ReservationReleased',
    'StockShipped',
    'LowStockReached',
  ],
};

/** Reads the filter out of the URL's parameters; what is absent is empty. */
export function readFilter(parameters: URLSearchParams): JournalFilter {
  const read = (name: (typeof journalFields)[number]): string => parameters.get(name) ?? '';
  return {
    topic: read('topic'),
    type: read('type'),
    key: read('key'),
    correlationId: read('correlationId'),
    from: read('from'),
    to: read('to'),
    q: read('q'),
  };
}

/** Whether anything is filtered at all. */
export const isFiltered = (filter: JournalFilter): boolean =>
  journalFields.some((field) => filter[field] !== '');

/** What the query API looks for a text in. */
const searched = ({
  type,
  key,
  position,
  eventId,
  correlationId,
  commandId,
  actor,
  data,
}: JournalEvent): string =>
  [type, key, position, eventId, correlationId, commandId, actor, JSON.stringify(data)]
    .join(' ')
    .toLowerCase();

/** Whether a live event belongs to the filtered list; the text is looked for as the query API does, without regard to case. */
export function matches(filter: JournalFilter, event: JournalEvent): boolean {
  const same = (wanted: string, value: string): boolean => wanted === '' || wanted === value;
  const time = Date.parse(event.time);
  return (
    same(filter.topic, event.topic) &&
    same(filter.type, event.type) &&
    same(filter.key, event.key) &&
    same(filter.correlationId, event.correlationId) &&
    (filter.from === '' || time >= Date.parse(filter.from)) &&
    (filter.to === '' || time < Date.parse(filter.to)) &&
    (filter.q === '' || searched(event).includes(filter.q.toLowerCase()))
  );
}

/** A `datetime-local` value (read as UTC) as the ISO instant the query API takes; empty stays empty. */
export const instantParameter = (value: string): string => {
  const instant = value === '' ? Number.NaN : Date.parse(`${value}Z`);
  return Number.isNaN(instant) ? '' : new Date(instant).toISOString();
};

/** The reverse of {@link instantParameter}, for the input field. */
export const instantInput = (iso: string): string => {
  const instant = Date.parse(iso);
  return Number.isNaN(instant) ? '' : new Date(instant).toISOString().slice(0, 16);
};
