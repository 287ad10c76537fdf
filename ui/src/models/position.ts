// Places in the log: `orders-3@1841` is topic orders, partition 3, offset 1841; and the addresses of pages about them.

export interface Position {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
}

export const formatPosition = ({ topic, partition, offset }: Position): string =>
  `${topic}-${String(partition)}@${String(offset)}`;

/** Reads `orders-3@1841`; `undefined` when the text is something else. */
export function parsePosition(text: string): Position | undefined {
  const [, topic, partition, offset] = /^([a-z][a-z0-9_.-]*)-(\d+)@(\d+)$/.exec(text.trim()) ?? [];
  if (topic === undefined || partition === undefined || offset === undefined) return undefined;
  return { topic, partition: Number(partition), offset: Number(offset) };
}

export const eventPath = ({ topic, partition, offset }: Position): string =>
  `/events/${encodeURIComponent(topic)}/${String(partition)}/${String(offset)}`;

/** The page of an event given its written position; the journal itself when that cannot be read. */
export function eventPathOf(position: string): string {
  const parsed = parsePosition(position);
  return parsed === undefined ? '/events' : eventPath(parsed);
}

export const orderPath = (orderId: string): string => `/orders/${encodeURIComponent(orderId)}`;
export const stockPath = (sku: string): string => `/stock/${encodeURIComponent(sku)}`;

/** The page of the aggregate an event belongs to. */
export const aggregatePath = (topic: string, key: string): string =>
  topic === 'stock' ? stockPath(key) : orderPath(key);

/** A long id for a narrow place: its first eight characters. */
export const shortId = (id: string): string => (id.length > 13 ? `${id.slice(0, 8)}…` : id);
