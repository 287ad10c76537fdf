import { describe, expect, it } from 'vitest';
import { commandId } from './command-id.ts';
import { toOutgoing } from './command.ts';
import { fulfilment } from './fulfilment.ts';
import { reactionsTo } from './reactor.ts';
import {
  ada,
  instant,
  lines,
  orderCancelled,
  orderId,
  orderPlaced,
  recorded,
} from './testing/recorded-events.ts';

const order = { orderId, customer: ada, currency: 'EUR', lines, total: 128_430 };
const commandsOf = (event: ReturnType<typeof recorded>) =>
  reactionsTo(fulfilment, event).map(({ type, aggregateId, data }) => ({ type, aggregateId, data }));

describe('fulfilment', () => {
  it('reserves every line of a placed order at the quoted price', () => {
    expect(commandsOf(recorded(orderPlaced()))).toEqual([
      {
        type: 'ReserveStock',
        aggregateId: 'KETTLE',
        data: { orderId, quantity: 2, unitPrice: 2_490, currency: 'EUR' },
      },
      {
        type: 'ReserveStock',
        aggregateId: 'TEAPOT',
        data: { orderId, quantity: 1, unitPrice: 123_450, currency: 'EUR' },
      },
    ]);
  });

  it('records a reservation on its order', () => {
    const event = recorded({
      type: 'StockReserved',
      data: { sku: 'KETTLE', orderId, quantity: 2, unitPrice: 2_490, reservedAt: instant },
    });
    expect(commandsOf(event)).toEqual([
      { type: 'RecordReservation', aggregateId: orderId, data: { sku: 'KETTLE', quantity: 2 } },
    ]);
  });

  it('records a refusal on its order, with what the stock item said', () => {
    const event = recorded({
      type: 'ReservationRefused',
      data: {
        sku: 'KETTLE',
        orderId,
        quantity: 2,
        unitPrice: 2_490,
        currency: 'EUR',
        reason: 'PRICE_CHANGED',
        available: 7,
        currentUnitPrice: 2_590,
        refusedAt: instant,
      },
    });
    expect(commandsOf(event)).toEqual([
      {
        type: 'RecordRefusal',
        aggregateId: orderId,
        data: { sku: 'KETTLE', quantity: 2, reason: 'PRICE_CHANGED', available: 7, currentUnitPrice: 2_590 },
      },
    ]);
  });

  const everyLine = (type: string) => lines.map(({ sku }) => ({ type, aggregateId: sku, data: { orderId } }));

  it('releases every line of a rejected order', () => {
    const rejected = recorded({
      type: 'OrderRejected',
      data: {
        ...order,
        sku: 'KETTLE',
        reason: 'UNKNOWN_ITEM',
        available: null,
        currentUnitPrice: null,
        rejectedAt: instant,
      },
    });
    expect(commandsOf(rejected)).toEqual(everyLine('ReleaseReservation'));
  });

  it('releases every line of a cancelled order', () => {
    expect(commandsOf(recorded(orderCancelled()))).toEqual(everyLine('ReleaseReservation'));
  });

  it('ships every line of a shipped order', () => {
    const shipped = recorded({
      type: 'OrderShipped',
      data: { orderId, customer: ada, lines, carrier: 'La Poste', trackingNumber: '6A1', shippedAt: instant },
    });
    expect(commandsOf(shipped)).toEqual(everyLine('ShipReservation'));
  });

  it('has nothing to do for a confirmed order', () => {
    expect(
      commandsOf(recorded({ type: 'OrderConfirmed', data: { ...order, confirmedAt: instant } })),
    ).toEqual([]);
  });

  it('lives with an order that ended while an answer was on its way, and with nothing else', () => {
    const reserved = recorded({
      type: 'StockReserved',
      data: { sku: 'KETTLE', orderId, quantity: 2, unitPrice: 2_490, reservedAt: instant },
    });
    expect(reactionsTo(fulfilment, reserved)[0]?.expectedRefusals).toEqual(['order-ended']);
    expect(reactionsTo(fulfilment, recorded(orderPlaced()))[0]?.expectedRefusals).toEqual([]);
  });

  it('orders reactions by order, so that orders do not wait for one another at a popular item', () => {
    const reserved = recorded({
      type: 'StockReserved',
      data: { sku: 'KETTLE', orderId, quantity: 2, unitPrice: 2_490, reservedAt: instant },
    });
    expect(fulfilment.orderingKey?.(reserved)).toBe(orderId);
    expect(fulfilment.orderingKey?.(recorded(orderPlaced()))).toBe(orderId);
  });
});

describe('a command in its envelope', () => {
  it('says what caused it, which process it belongs to, and who asks', () => {
    const event = recorded(orderPlaced(), {
      traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
    });
    const [first] = reactionsTo(fulfilment, event);
    expect(first && toOutgoing(first, event, 'fulfilment').envelope).toEqual({
      commandId: commandId(event.id, 'reserve', 'KETTLE'),
      type: 'ReserveStock',
      aggregateId: 'KETTLE',
      data: { orderId, quantity: 2, unitPrice: 2_490, currency: 'EUR' },
      causationId: event.id,
      correlationId: event.correlationId,
      actor: 'reactor:fulfilment',
      traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
    });
  });

  it('is the same each time the event is read', () => {
    const event = recorded(orderPlaced());
    const read = () =>
      reactionsTo(fulfilment, event).map((command) => toOutgoing(command, event, 'fulfilment'));
    expect(read()).toEqual(read());
  });
});
