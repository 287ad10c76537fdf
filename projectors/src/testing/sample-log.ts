// Test support: the same filled log every time, also in another process.
import { createInMemoryLog, type InMemoryLog } from './in-memory-log.ts';
import { fates, interleave, openingEvents, orderEvents, skus } from './sample-history.ts';

/** Adds orders to a log: every fate in turn, one to three lines, three days. */
export function appendOrders(log: InMemoryLog, from: number, count: number): void {
  const histories = Array.from({ length: count }, (_, index) => {
    const number = from + index;
    const chosen = skus.slice(0, 1 + (number % skus.length));
    return orderEvents(`order-${String(number)}`, {
      fate: fates[number % fates.length] ?? 'placed',
      lines: Object.fromEntries(chosen.map((sku, line) => [sku, 1 + ((number + line) % 4)])),
      day: 1 + (number % 3),
    });
  });
  let turn = from;
  log.append(...interleave(histories, (among) => (turn = (turn * 31 + 7) % 1_009) % among));
}

/** A log with registered items and so many orders. */
export function sampleLog(orders: number, maxBatch = 20): InMemoryLog {
  const log = createInMemoryLog({ maxBatch });
  log.append(...openingEvents());
  appendOrders(log, 0, orders);
  return log;
}
