// Fulfilment: carries an order through the stock items it needs. An order of several lines is a saga whose whole state is in the
// aggregates: this is only the table of what follows from what.
//   OrderPlaced -> reserve every line          StockReserved, ReservationRefused -> record the outcome on the order
//   OrderRejected, OrderCancelled -> release every line                OrderShipped -> ship every line
// Everything about one order is reacted to in order, so a release never overtakes the reserve it undoes.
import type { Line } from '@comptoir/schemas';
import type { Command } from './command.ts';
import { declareReactor } from './reactor.ts';

/** The order ended (rejected, cancelled) while the answer of a stock item was on its way. The release is under way too. */
const orderEnded = ['order-ended'];
/** Also of lines that were never reserved: nothing is held, so nothing happens, and that is no refusal. */
const release = (orderId: string, lines: readonly Line[]): Command[] =>
  lines.map(({ sku }) => ({
    type: 'ReleaseReservation',
    aggregateId: sku,
    data: { orderId },
    purpose: 'release',
    sku,
    expectedRefusals: [],
  }));

/** Reserve, record, release, ship: the reactor that carries orders on. */
export const fulfilment = declareReactor<Command>({
  name: 'fulfilment',
  topics: ['orders', 'stock'],
  // Many orders wait for the same item: their answers need not wait for one another.
  orderingKey: (event) => ('orderId' in event.data ? event.data.orderId : event.key),
  on: {
    OrderPlaced: ({ data: { orderId, currency, lines } }) =>
      lines.map(({ sku, quantity, unitPrice }) => ({
        type: 'ReserveStock',
        aggregateId: sku,
        data: { orderId, quantity, unitPrice, currency },
        purpose: 'reserve',
        sku,
        expectedRefusals: [],
      })),

    StockReserved: ({ data: { orderId, sku, quantity } }) => [
      {
        type: 'RecordReservation',
        aggregateId: orderId,
        data: { sku, quantity },
        purpose: 'record-reservation',
        sku,
        expectedRefusals: orderEnded,
      },
    ],

    ReservationRefused: ({ data: { orderId, sku, quantity, reason, available, currentUnitPrice } }) => [
      {
        type: 'RecordRefusal',
        aggregateId: orderId,
        data: { sku, quantity, reason, available, currentUnitPrice },
        purpose: 'record-refusal',
        sku,
        expectedRefusals: orderEnded,
      },
    ],

    OrderRejected: ({ data: { orderId, lines } }) => release(orderId, lines),

    OrderCancelled: ({ data: { orderId, lines } }) => release(orderId, lines),

    OrderShipped: ({ data: { orderId, lines } }) =>
      lines.map(({ sku }) => ({
        type: 'ShipReservation',
        aggregateId: sku,
        data: { orderId },
        purpose: 'ship',
        sku,
        expectedRefusals: [],
      })),
  },
});
