// Every question the panel asks of the query API. Pure functions of their parameters; caching is the pages' affair.
import type {
  JournalEvent,
  Notification,
  Order,
  Page,
  Projection,
  RebuildAnswer,
  Sale,
  StockItem,
} from './contract.ts';
import { queryApi, request, withParameters } from './http.ts';

export type Parameters = Readonly<Record<string, string | number | undefined>>;

async function ask<Body>(path: string, parameters: Parameters = {}, signal?: AbortSignal): Promise<Body> {
  const { body } = await request<Body>(withParameters(queryApi + path, parameters), { signal });
  return body;
}

export const listOrders = (parameters: Parameters, signal?: AbortSignal): Promise<Page<Order>> =>
  ask('/v1/orders', parameters, signal);

export const readOrder = (orderId: string, signal?: AbortSignal): Promise<Order> =>
  ask(`/v1/orders/${encodeURIComponent(orderId)}`, {}, signal);

export const listStock = (parameters: Parameters, signal?: AbortSignal): Promise<Page<StockItem>> =>
  ask('/v1/stock', parameters, signal);

export const readStockItem = (sku: string, signal?: AbortSignal): Promise<StockItem> =>
  ask(`/v1/stock/${encodeURIComponent(sku)}`, {}, signal);

export const listSales = (parameters: Parameters, signal?: AbortSignal): Promise<Page<Sale>> =>
  ask('/v1/sales', parameters, signal);

export const listNotifications = (
  parameters: Parameters,
  signal?: AbortSignal,
): Promise<Page<Notification>> => ask('/v1/notifications', parameters, signal);

export const listJournal = (parameters: Parameters, signal?: AbortSignal): Promise<Page<JournalEvent>> =>
  ask('/v1/journal', parameters, signal);

export const readEvent = (
  topic: string,
  partition: string,
  offset: string,
  signal?: AbortSignal,
): Promise<JournalEvent> =>
  ask(`/v1/journal/${[topic, partition, offset].map(encodeURIComponent).join('/')}`, {}, signal);

export const listProjections = async (signal?: AbortSignal): Promise<readonly Projection[]> => {
  const { items } = await ask<{ items: readonly Projection[] }>('/v1/projections', {}, signal);
  return items;
};

/** Starts a rebuild, or with `dryRun` only says what it would do. */
export async function rebuildProjection(
  name: string,
  { dryRun }: { dryRun: boolean },
  idempotencyKey: string,
): Promise<RebuildAnswer> {
  const path = `${queryApi}/v1/projections/${encodeURIComponent(name)}/rebuild`;
  const { body } = await request<RebuildAnswer>(
    withParameters(path, { dryRun: dryRun ? 'true' : undefined }),
    {
      method: 'POST',
      headers: { 'idempotency-key': idempotencyKey },
    },
  );
  return body;
}
