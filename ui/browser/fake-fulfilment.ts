// The reactions of the fake shop: every line is reserved or refused, the order confirmed or rejected, and stock released again.
import type { JournalEvent, OrderLine, Refusal, StockItem } from '../src/services/contract.ts';
import type { FakeTools, Mutable, OrderDraft } from './fake-types.ts';

export function createFakeFulfilment({ stock, append, setStock, touch, notify, later, reaction }: FakeTools) {
  function refusalOf(line: OrderLine, item: StockItem | undefined): Refusal | undefined {
    if (item === undefined) return { reason: 'UNKNOWN_ITEM', available: null, currentUnitPrice: null };
    const figures = { available: item.available, currentUnitPrice: item.unitPrice };
    if (item.unitPrice !== line.unitPrice) return { reason: 'PRICE_CHANGED', ...figures };
    return line.quantity > item.available ? { reason: 'INSUFFICIENT_STOCK', ...figures } : undefined;
  }

  function reserve(order: OrderDraft, line: Mutable<OrderLine>, placed: JournalEvent): void {
    const item = stock.get(line.sku);
    const refusal = refusalOf(line, item);
    const { sku, quantity } = line;
    if (item === undefined || refusal !== undefined) {
      const { unitPrice } = line;
      const { currency, orderId } = order;
      const asked = { sku, orderId, quantity, unitPrice, currency };
      const refused = append(
        { type: 'ReservationRefused', topic: 'stock', key: sku, data: { ...asked, ...refusal } },
        reaction(placed),
      );
      later(() => {
        const cause = reaction(refused);
        const noted = append(
          { type: 'OrderLineRefused', key: order.orderId, data: { sku, quantity, ...refusal } },
          cause,
        );
        line.status = 'refused';
        if (refusal) line.refusal = refusal;
        touch(order, noted);
        if (order.status !== 'placed' || !refusal) return;
        const rejected = append(
          { type: 'OrderRejected', key: order.orderId, data: { sku, ...refusal } },
          cause,
        );
        order.status = 'rejected';
        order.rejectedAt = rejected.time;
        order.rejection = { sku, ...refusal };
        touch(order, rejected);
        notify('order-rejected', order, rejected, 'Your order could not be served');
        later(() => {
          release(order, rejected);
        });
      });
      return;
    }
    const reserved = append(
      { type: 'StockReserved', key: sku, data: { sku, quantity, orderId: order.orderId } },
      reaction(placed),
    );
    setStock(item, item.onHand, item.reserved + quantity, reserved);
    later(() => {
      const cause = reaction(reserved);
      const noted = append({ type: 'OrderLineReserved', key: order.orderId, data: { sku, quantity } }, cause);
      line.status = 'reserved';
      touch(order, noted);
      if (!order.lines.every(({ status }) => status === 'reserved')) return;
      const { total, currency } = order;
      const confirmed = append(
        { type: 'OrderConfirmed', key: order.orderId, data: { lines: order.lines, total, currency } },
        cause,
      );
      order.status = 'awaiting-payment';
      order.confirmedAt = confirmed.time;
      touch(order, confirmed);
      notify('order-confirmed', order, confirmed, 'Your order is confirmed');
    });
  }

  function release(order: OrderDraft, cause: JournalEvent): void {
    for (const line of order.lines.filter(({ status }) => status === 'reserved')) {
      const item = stock.get(line.sku);
      if (item === undefined) continue;
      const { sku, quantity } = line;
      const released = append(
        { type: 'ReservationReleased', key: sku, data: { sku, quantity, orderId: order.orderId } },
        reaction(cause),
      );
      setStock(item, item.onHand, item.reserved - quantity, released);
      line.status = 'released';
    }
  }

  return { reserve, release };
}
