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

/** Orders, newest first unless `sort` says otherwise. */
export const listOrders = (parameters: Parameters, signal?: AbortSignal): Promise<Page<Order>> =>
  ask('/v1/orders', parameters, signal);

/**
 * One order.
 *
 * @throws RequestFailed 404 when the view does not have it
 */
export const readOrder = (orderId: string, signal?: AbortSignal): Promise<Order> =>
  ask(`/v1/orders/${encodeURIComponent(orderId)}`, {}, signal);

/** Stock items by sku, unless `sort` says otherwise. */
export const listStock = (parameters: Parameters, signal?: AbortSignal): Promise<Page<StockItem>> =>
  ask('/v1/stock', parameters, signal);

/**
 * One stock item.
 *
 * @throws RequestFailed 404 when the view does not have it
 */
export const readStockItem = (sku: string, signal?: AbortSignal): Promise<StockItem> =>
  ask(`/v1/stock/${encodeURIComponent(sku)}`, {}, signal);

/** Sales of the days `from` to `to`, summed `by` day or sku. */
export const listSales = (parameters: Parameters, signal?: AbortSignal): Promise<Page<Sale>> =>
  ask('/v1/sales', parameters, signal);

/** Notifications, newest first. */
export const listNotifications = (
  parameters: Parameters,
  signal?: AbortSignal,
): Promise<Page<Notification>> => ask('/v1/notifications', parameters, signal);

/** Events, newest first unless `sort` is `time`. */
export const listJournal = (parameters: Parameters, signal?: AbortSignal): Promise<Page<JournalEvent>> =>
  ask('/v1/journal', parameters, signal);

/**
 * The event at one position.
 *
 * @throws RequestFailed 404 for an offset that holds none
 */
export const readEvent = (
  topic: string,
  partition: string,
  offset: string,
  signal?: AbortSignal,
): Promise<JournalEvent> =>
  ask(`/v1/journal/${[topic, partition, offset].map(encodeURIComponent).join('/')}`, {}, signal);

/** Every projection as it is now. */
export const listProjections = async (signal?: AbortSignal): Promise<readonly Projection[]> => {
  const { items } = await ask<{ items: readonly Projection[] }>('/v1/projections', {}, signal);
  return items;
};

/**
 * One projection as it is now.
 *
 * @throws RequestFailed 404 when there is none of that name
 */
export const readProjection = (name: string, signal?: AbortSignal): Promise<Projection> =>
  ask(`/v1/projections/${encodeURIComponent(name)}`, {}, signal);

/** The address of a projection's rebuild. */
export const rebuildPath = (name: string): string =>
  `${queryApi}/v1/projections/${encodeURIComponent(name)}/rebuild`;

/** Starts a rebuild, or with `dryRun` only says what it would do. A second one while it runs is refused, so a retry is safe. */
export async function rebuildProjection(
  name: string,
  { dryRun }: { dryRun: boolean },
): Promise<RebuildAnswer> {
  const path = withParameters(rebuildPath(name), { dryRun: dryRun ? 'true' : undefined });
  return (await request<RebuildAnswer>(path, { method: 'POST' })).body;
}
