// The command API of the fake shop: the calls the panel makes, with idempotency keys, refusals and problem details.
import { randomUUID } from 'node:crypto';
import { STATUS_CODES } from 'node:http';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { CommandAccepted, Customer, JournalEvent, OrderLine } from '../src/services/contract.ts';
import type { FakeState } from './fake-state.ts';
import type { Cause } from './fake-types.ts';

export const sendProblem = (
  reply: FastifyReply,
  status: number,
  code: string,
  detail: string,
): FastifyReply =>
  reply
    .code(status)
    .type('application/problem+json')
    .send({
      type: 'about:blank',
      title: STATUS_CODES[status] ?? 'Problem',
      status,
      detail,
      code,
      correlationId: randomUUID(),
    });

interface Refused {
  readonly status: number;
  readonly code: string;
  readonly detail: string;
}

type Outcome = JournalEvent | Refused;
const isRefused = (outcome: Outcome): outcome is Refused => 'status' in outcome;

const refuse = (status: number, code: string, detail: string): Refused => ({ status, code, detail });

/** What goes wrong with the next commands; the counts go down to 0. */
export interface Faults {
  /** Answered 503, without an effect. */
  unavailable: number;
  /** While it lasts, connections end without an answer, and without an effect. */
  away: boolean;
  /** The connection ends without an answer, but the command has had its effect. */
  answerLost: number;
}

export interface SeenCommand {
  readonly url: string;
  readonly key: string;
  readonly body: unknown;
}

export function addCommands(app: FastifyInstance, state: FakeState): { seen: SeenCommand[]; faults: Faults } {
  const answers = new Map<string, { status: number; answer: CommandAccepted }>();
  const seen: SeenCommand[] = [];
  const faults: Faults = { unavailable: 0, away: false, answerLost: 0 };
  const happens = (fault: 'unavailable' | 'answerLost'): boolean => {
    if (faults[fault] === 0) return false;
    faults[fault] -= 1;
    return true;
  };
  const hangUp = (reply: FastifyReply): FastifyReply => {
    reply.hijack();
    reply.raw.destroy();
    return reply;
  };

  const handle =
    (status: number, decide: (request: FastifyRequest, cause: Cause) => Outcome) =>
    (request: FastifyRequest, reply: FastifyReply): FastifyReply => {
      const key = String(request.headers['idempotency-key'] ?? '');
      seen.push({ url: request.url, key, body: request.body });
      if (key === '') return sendProblem(reply, 400, 'validation-failed', 'Idempotency-Key is missing.');
      if (faults.away) return hangUp(reply);
      if (happens('unavailable')) {
        return sendProblem(
          reply.header('retry-after', '0'),
          503,
          'writer-unavailable',
          'The shard changes hands.',
        );
      }
      const known = answers.get(key);
      if (known) {
        return reply.code(known.status).header('idempotent-replayed', 'true').send(known.answer);
      }
      const { id } = request.params as { id?: string };
      const correlationId =
        (id === undefined ? undefined : state.orders.get(id)?.correlationId) ?? randomUUID();
      const outcome = decide(request, { commandId: key, correlationId, actor: 'panel' });
      if (isRefused(outcome)) return sendProblem(reply, outcome.status, outcome.code, outcome.detail);
      const answer = state.answer(outcome.key, key, [outcome]);
      answers.set(key, { status, answer });
      if (happens('answerLost')) return hangUp(reply);
      return reply.code(status).header('consistency-token', answer.token).send(answer);
    };

  const orderOf = (request: FastifyRequest) => state.orders.get((request.params as { id: string }).id);
  const itemOf = (request: FastifyRequest) => state.stock.get((request.params as { id: string }).id);

  const step = (
    from: readonly string[],
    refusalCode: string,
    type: string,
    apply: (
      order: NonNullable<ReturnType<typeof orderOf>>,
      event: JournalEvent,
      body: Record<string, unknown>,
    ) => void,
  ) =>
    handle(200, (request, cause) => {
      const order = orderOf(request);
      if (!order) return refuse(404, 'order-not-found', 'There is no such order.');
      if (!from.includes(order.status)) {
        return refuse(422, refusalCode, `Order ${order.orderId} is ${order.status}.`);
      }
      const body = request.body as Record<string, unknown>;
      if (type === 'OrderPaid' && body.amount !== order.total) {
        return refuse(
          422,
          'wrong-amount',
          `Order ${order.orderId} costs exactly ${String(order.total)} in minor units of ${order.currency}, not ${String(body.amount)}.`,
        );
      }
      const event = state.append(
        { type, key: order.orderId, data: { orderId: order.orderId, ...body, currency: order.currency } },
        cause,
      );
      apply(order, event, body);
      state.touch(order, event);
      return event;
    });

  app.post(
    '/v1/orders',
    handle(201, (request, cause) =>
      state.place(
        request.body as { orderId: string; customer: Customer; currency: string; lines: OrderLine[] },
        { ...cause, correlationId: randomUUID() },
      ),
    ),
  );
  app.post(
    '/v1/orders/:id/pay',
    step(['awaiting-payment'], 'order-already-paid', 'OrderPaid', (order, event, body) => {
      Object.assign(order, {
        status: 'paid',
        paidAt: event.time,
        payment: { amount: body.amount, method: body.method },
      });
    }),
  );
  app.post(
    '/v1/orders/:id/ship',
    step(['paid'], 'order-already-shipped', 'OrderShipped', (order, event, body) => {
      Object.assign(order, { status: 'shipped', shippedAt: event.time, shipment: body });
      state.notify('order-shipped', order, event, 'Your order is on its way');
    }),
  );
  app.post(
    '/v1/orders/:id/deliver',
    step(['shipped'], 'order-not-shipped', 'OrderDelivered', (order, event) => {
      Object.assign(order, { status: 'delivered', deliveredAt: event.time });
    }),
  );
  app.post(
    '/v1/orders/:id/cancel',
    step(
      ['placed', 'awaiting-payment', 'paid'],
      'order-already-shipped',
      'OrderCancelled',
      (order, event, body) => {
        Object.assign(order, {
          status: 'cancelled',
          cancelledAt: event.time,
          cancellation: { by: body.by, reason: body.reason, refund: order.payment?.amount ?? 0 },
        });
        state.later(() => {
          state.release(order, event);
        });
      },
    ),
  );
  app.post(
    '/v1/stock',
    handle(201, (request, cause) => {
      const body = request.body as Parameters<FakeState['register']>[0];
      return state.stock.has(body.sku)
        ? refuse(409, 'stock-item-exists', `There is a stock item ${body.sku} already.`)
        : state.register(body, cause);
    }),
  );
  app.post(
    '/v1/stock/:id/adjust',
    handle(200, (request, cause) => {
      const item = itemOf(request);
      if (!item) return refuse(404, 'stock-item-not-found', 'There is no such item.');
      const body = request.body as { delta?: number; counted?: number; reason: string; note?: string };
      const delta = body.delta ?? (body.counted ?? 0) - item.onHand;
      if (item.onHand + delta < item.reserved) {
        return refuse(
          422,
          'adjustment-below-reserved',
          `${item.sku} has ${String(item.onHand)} pieces on hand and ${String(item.reserved)} of them reserved; ${String(item.onHand + delta)} would not be enough.`,
        );
      }
      const { reason, note = null } = body;
      const data = { sku: item.sku, delta, onHand: item.onHand + delta, reason, note };
      const event = state.append({ type: 'StockAdjusted', key: item.sku, data }, cause);
      state.setStock(item, item.onHand + delta, item.reserved, event);
      return event;
    }),
  );
  app.post(
    '/v1/stock/:id/price',
    handle(200, (request, cause) => {
      const item = itemOf(request);
      if (!item) return refuse(404, 'stock-item-not-found', 'There is no such item.');
      const { unitPrice } = request.body as { unitPrice: number };
      if (unitPrice === item.unitPrice) {
        return refuse(422, 'price-unchanged', `${item.sku} costs ${String(unitPrice)} already.`);
      }
      const { sku, currency } = item;
      const data = { sku, previousUnitPrice: item.unitPrice, unitPrice, currency };
      const event = state.append({ type: 'PriceChanged', key: item.sku, data }, cause);
      item.unitPrice = unitPrice;
      item.version = event.version;
      return event;
    }),
  );
  return { seen, faults };
}
