// The query API of the fake shop: views with `Consistency`, the journal, the live stream.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { JournalEvent } from '../src/services/contract.ts';
import { sendProblem } from './fake-commands.ts';
import { addProjections } from './fake-projections.ts';
import type { FakeState } from './fake-state.ts';

type Query = Record<string, string | undefined>;

const known = new Set(
  'status customerId sku from to q limit cursor sort low by orderId topic type key correlationId after wait'.split(
    ' ',
  ),
);

export interface StreamControl {
  /** Whether the stream can be opened; closing it also ends those that are open. */
  up: boolean;
  readonly cut: () => void;
}

export function addQueries(app: FastifyInstance, state: FakeState): StreamControl {
  const streams = new Set<FastifyReply>();

  const list = (request: FastifyRequest, reply: FastifyReply, items: readonly unknown[]): FastifyReply => {
    const query = request.query as Query;
    const stranger = Object.keys(query).find((name) => !known.has(name));
    if (stranger !== undefined)
      return sendProblem(reply, 400, 'validation-failed', `${stranger} is not understood.`);
    if (query.after !== undefined) void reply.header('consistency', 'fresh');
    const limit = Number(query.limit ?? 50);
    const start = Number(query.cursor ?? 0);
    const more = items.length > start + limit;
    return reply.send({
      items: items.slice(start, start + limit),
      nextCursor: more ? String(start + limit) : null,
    });
  };
  const one = (
    request: FastifyRequest,
    reply: FastifyReply,
    what: 'order' | 'stock-item' | 'event',
    item: unknown,
  ): FastifyReply => {
    if ((request.query as Query).after !== undefined) void reply.header('consistency', 'fresh');
    return item === undefined
      ? sendProblem(reply, 404, `${what}-not-found`, `There is no such ${what}.`)
      : reply.send(item);
  };
  const param = (request: FastifyRequest): string => (request.params as { id: string }).id;
  const same = (wanted: string | undefined, value: string): boolean =>
    wanted === undefined || wanted === value;
  const has = (q: string | undefined, value: unknown): boolean =>
    q === undefined || JSON.stringify(value).toLowerCase().includes(q.toLowerCase());

  app.get('/v1/orders', (request, reply) => {
    const { status, q, sku } = request.query as Query;
    const found = [...state.orders.values()]
      .filter(
        (order) =>
          same(status, order.status) &&
          has(q, order) &&
          (sku === undefined || order.lines.some((line) => line.sku === sku)),
      )
      .toReversed();
    return list(request, reply, found);
  });
  app.get('/v1/orders/:id', (request, reply) =>
    one(request, reply, 'order', state.orders.get(param(request))),
  );
  app.get('/v1/stock', (request, reply) => {
    const { q, low } = request.query as Query;
    return list(
      request,
      reply,
      [...state.stock.values()].filter((item) => has(q, item) && (low !== 'true' || item.low)),
    );
  });
  app.get('/v1/stock/:id', (request, reply) =>
    one(request, reply, 'stock-item', state.stock.get(param(request))),
  );
  app.get('/v1/sales', (request, reply) => {
    const paid = [...state.orders.values()].filter(({ paidAt }) => paidAt !== undefined);
    const revenue = paid.reduce((sum, { total }) => sum + total, 0);
    const sale = {
      sku: 'all',
      currency: 'EUR',
      orders: paid.length,
      quantity: 0,
      revenue,
      refundedQuantity: 0,
      refunds: 0,
    };
    return list(request, reply, paid.length === 0 ? [] : [sale]);
  });
  app.get('/v1/notifications', (request, reply) => {
    const { status, orderId } = request.query as Query;
    return list(
      request,
      reply,
      state.notifications.filter((one) => same(status, one.status) && same(orderId, one.orderId ?? '')),
    );
  });
  app.get('/v1/journal', (request, reply) => {
    const { topic, type, key, correlationId, q, sort } = request.query as Query;
    const found = state.journal.filter(
      (event) =>
        same(topic, event.topic) &&
        same(type, event.type) &&
        same(key, event.key) &&
        same(correlationId, event.correlationId) &&
        has(q, event),
    );
    return list(request, reply, sort === 'time' ? found : found.toReversed());
  });
  app.get('/v1/journal/:topic/:partition/:offset', (request, reply) => {
    const { topic, partition, offset } = request.params as Record<'topic' | 'partition' | 'offset', string>;
    return one(
      request,
      reply,
      'event',
      state.journal.find(({ position }) => position === `${topic}-${partition}@${offset}`),
    );
  });

  addProjections(app, state, (projections) => {
    const data = JSON.stringify(projections);
    for (const stream of streams) stream.raw.write(`event: projections\ndata: ${data}\n\n`);
  });

  const control = {
    up: true,
    cut: (): void => {
      for (const stream of streams) stream.raw.destroy();
      streams.clear();
    },
  };
  const write = (reply: FastifyReply, event: JournalEvent): void => {
    reply.raw.write(
      `id: ${String(state.journal.indexOf(event) + 1)}\nevent: journal\ndata: ${JSON.stringify(event)}\n\n`,
    );
  };
  app.get('/v1/stream', (request, reply) => {
    if (!control.up) return sendProblem(reply, 503, 'starting', 'Not yet.');
    reply.hijack();
    reply.raw.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
    reply.raw.write(`retry: 200\nid: ${String(state.journal.length)}\n\n`);
    streams.add(reply);
    const last = request.headers['last-event-id'] ?? (request.query as { lastEventId?: string }).lastEventId;
    if (last !== undefined) for (const event of state.journal.slice(Number(last))) write(reply, event);
    request.raw.on('close', () => streams.delete(reply));
    return reply;
  });
  state.listeners.add((event) => {
    for (const stream of streams) write(stream, event);
  });
  return control;
}
