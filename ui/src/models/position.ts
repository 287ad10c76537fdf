// Places in the log: `orders-3@1841` is topic orders, partition 3, offset 1841; and the addresses of pages about them.

export interface Position {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
}

/** Writes a position: `orders-3@1841`. */
export const formatPosition = ({ topic, partition, offset }: Position): string =>
  `${topic}-${String(partition)}@${String(offset)}`;

/** Reads `orders-3@1841`; `undefined` when the text is something else. */
export function parsePosition(text: string): Position | undefined {
  const [, topic, partition, offset] = /^([a-z][a-z0-9_.-]*)-(\d+)@(\d+)$/.exec(text.trim()) ?? [];
  if (topic === undefined || partition === undefined || offset === undefined) return undefined;
  return { topic, partition: Number(partition), offset: Number(offset) };
}

/** The page of an event. */
export const eventPath = ({ topic, partition, offset }: Position): string =>
  `/events/${encodeURIComponent(topic)}/${String(partition)}/${String(offset)}`;

/** The page of an event given its written position; the journal itself when that cannot be read. */
export function eventPathOf(position: string): string {
  const parsed = parsePosition(position);
  return parsed === undefined ? '/events' : eventPath(parsed);
}

/** The page of an order; after `/v1` also its address at the query API. */
export const orderPath = (orderId: string): string => `/orders/${encodeURIComponent(orderId)}`;
/** The page of a stock item; after `/v1` also its address at the query API. */
export const stockPath = (sku: string): string => `/stock/${encodeURIComponent(sku)}`;
/** The page of a projection. */
export const projectionPath = (name: string): string => `/projections/${encodeURIComponent(name)}`;

/** The page of the aggregate an event belongs to. */
export const aggregatePath = (topic: string, key: string): string =>
  topic === 'stock' ? stockPath(key) : orderPath(key);

/** An id for a narrow place: of a UUID its first eight characters; what people chose themselves, such as a sku, stays whole. */
export const shortId = (id: string): string =>
  /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(id) ? `${id.slice(0, 8)}…` : id;
