// What happens in the shop without the panel's doing: somebody else places an order, goods come in.
import type { FakeShop } from './fake-shop.ts';

/** Customer, language and lines of an order placed elsewhere; each line is sku, quantity, quoted price in cents. */
export interface OrderElsewhere {
  readonly name?: string;
  readonly language?: 'en' | 'fr';
  readonly lines?: readonly (readonly [sku: string, quantity: number, unitPrice: number])[];
}

/** An order is placed, of one Raku cup unless the test says otherwise. */
export function orderIsPlaced({ state }: FakeShop, orderId: string, order: OrderElsewhere = {}): void {
  const { name = 'Ada Marchand', language = 'en', lines = [['CUP-RAKU', 1, 2800]] } = order;
  state.place(
    {
      orderId,
      customer: { id: 'c', name, email: 'ada@example.com', language },
      currency: 'EUR',
      lines: lines.map(([sku, quantity, unitPrice]) => ({ sku, quantity, unitPrice, status: 'pending' })),
    },
    { commandId: orderId, correlationId: orderId, actor: 'test' },
  );
}

/** Pieces of the Raku cup come in; `commandId` is also the note of the event. */
export function stockComesIn({ state }: FakeShop, commandId: string, delta = 1): void {
  const item = state.stock.get('CUP-RAKU');
  if (item === undefined) throw new Error('The shop has no cups.');
  const event = state.append(
    { type: 'StockAdjusted', key: 'CUP-RAKU', data: { delta, reason: 'received', note: commandId } },
    { commandId, correlationId: commandId, actor: 'test' },
  );
  state.setStock(item, item.onHand + delta, item.reserved, event);
}
