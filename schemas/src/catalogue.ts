// Every event of the shop: its topic, its type, its Avro schema, and the subject under which the registry keeps the schema.
// `ShopEvent` is the union of all of them; `event.type` narrows `event.data`.
import { avroSchemas, type EventData } from './generated/events.ts';

/** A topic: one per family of aggregates. Its key is the aggregate's id. */
export type Topic = keyof EventData;

/** The topics, in the order in which they are named everywhere. */
export const topics: readonly Topic[] = ['orders', 'stock'];

type EventOfTopic<T extends Topic> = {
  [Type in keyof EventData[T] & string]: { readonly type: Type; readonly data: EventData[T][Type] };
}[keyof EventData[T] & string];

/** An event of an order. */
export type OrderEvent = EventOfTopic<'orders'>;
/** An event of a stock item. */
export type StockEvent = EventOfTopic<'stock'>;
/** Any event of the shop. */
export type ShopEvent = OrderEvent | StockEvent;
/** The name of an event's type: `OrderPlaced`. */
export type EventType = ShopEvent['type'];
/** The event of one type. */
export type EventOf<Type extends EventType> = Extract<ShopEvent, { readonly type: Type }>;

type EventSchema = { [T in Topic]: (typeof avroSchemas)[T][keyof (typeof avroSchemas)[T]] }[Topic];

/** One event's entry in the catalogue. */
export interface CatalogueEntry {
  readonly topic: Topic;
  readonly type: EventType;
  /** Avro full name: `shop.orders.OrderPlaced`. */
  readonly fullName: string;
  /** Subject in the registry by TopicRecordNameStrategy: `orders-shop.orders.OrderPlaced`. */
  readonly subject: string;
  /** The complete Avro schema, named types included. */
  readonly schema: { readonly type: 'record'; readonly name: string; readonly namespace: string };
}

/** How schemas may change: a new reader must be able to read every event ever written. */
export const compatibility = 'BACKWARD_TRANSITIVE';

/** Every event of the shop. */
export const catalogue: readonly CatalogueEntry[] = topics.flatMap((topic) =>
  Object.values<EventSchema>(avroSchemas[topic]).map((schema): CatalogueEntry => {
    const fullName = `${schema.namespace}.${schema.name}`;
    return { topic, type: schema.name, fullName, subject: `${topic}-${fullName}`, schema };
  }),
);

const byType = new Map(catalogue.map((entry) => [entry.type, entry]));

/** The catalogue's entry of an event type. */
export function catalogueEntry(type: EventType): CatalogueEntry {
  const entry = byType.get(type);
  if (entry === undefined) throw new Error(`no event ${type} in the catalogue`);
  return entry;
}

/** Whether a text names an event type of the shop. */
export const isEventType = (text: string): text is EventType => byType.has(text as EventType);
