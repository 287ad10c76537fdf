// A database of its own for every test file, at MONGODB_URI, with views as projectors would leave them.
import {
  checkpointsCollection,
  generationName,
  journalId,
  openDatabase,
  projectionNames,
  projectionsCollection,
  viewCollection,
  type Database,
  type JournalView,
  type OrderView,
  type ProjectionDocument,
  type SalesView,
  type Stored,
  type StockView,
} from '@comptoir/views';
import type { Db } from 'mongodb';

/** Opens an empty database; `drop` removes it and closes the connection. */
export async function openTestDatabase(): Promise<Database & { drop(): Promise<void> }> {
  const address = process.env.MONGODB_URI;
  if (address === undefined)
    throw new Error('MONGODB_URI is not set: these tests need a server of MongoDB’s protocol');
  const name = `query-api-test-${crypto.randomUUID().slice(0, 8)}`;
  const uri = address.replace(/^(mongodb(?:\+srv)?:\/\/[^/?]+)(\/[^?]*)?/, `$1/${name}`);
  const database = await openDatabase(uri, { patience: 5_000 });
  return {
    ...database,
    drop: async () => {
      await database.db.dropDatabase();
      await database.close();
    },
  };
}

const at = (minute: number): Date => new Date(Date.UTC(2026, 10, 25, 8, minute));

export const registryOf = (name: string, change: Partial<ProjectionDocument> = {}): ProjectionDocument => ({
  _id: name,
  version: 1,
  live: 1,
  generations: [{ number: 1, version: 1, state: 'live', createdAt: at(0), readyAt: at(0) }],
  build: null,
  state: 'running',
  error: null,
  ratePerSecond: 0,
  updatedAt: at(0),
  _rev: 1,
  ...change,
});

export const orderOf = (number: number, change: Partial<OrderView> = {}): Stored<OrderView> => {
  const orderId = `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`;
  return {
    _id: orderId,
    _pos: { 'orders-3': number },
    _rev: 1,
    orderId,
    status: 'placed',
    customer: { id: 'c-1', name: 'Ada Lovelace', email: 'ada@example.org', language: 'en' },
    lines: [{ sku: 'LAMP', quantity: 2, unitPrice: 1250, status: 'pending' }],
    total: 2500,
    currency: 'EUR',
    placedAt: at(number),
    updatedAt: at(number),
    version: 1,
    correlationId: `c-${String(number)}`,
    text: `${orderId} c-1 ada lovelace ada@example.org lamp`,
    ...change,
  };
};

export const stockOf = (sku: string, change: Partial<StockView> = {}): Stored<StockView> => ({
  _id: sku,
  _pos: { 'stock-1': 1 },
  _rev: 1,
  sku,
  name: `The ${sku.toLowerCase()}`,
  unitPrice: 1250,
  currency: 'EUR',
  onHand: 10,
  reserved: 2,
  available: 8,
  lowStockThreshold: 3,
  low: false,
  version: 1,
  registeredAt: at(0),
  updatedAt: at(0),
  text: `${sku.toLowerCase()} the ${sku.toLowerCase()}`,
  ...change,
});

export const salesOf = (day: string, sku: string, change: Partial<SalesView> = {}): Stored<SalesView> => ({
  _id: `${day}/EUR/${sku}`,
  _pos: { 'orders-3': 1 },
  _rev: 1,
  day,
  sku,
  currency: 'EUR',
  orders: 1,
  quantity: 2,
  revenue: 2500,
  refundedQuantity: 0,
  refunds: 0,
  ...change,
});

export const journalOf = (
  topic: 'orders' | 'stock',
  partition: number,
  offset: number,
  change: Partial<JournalView> = {},
): Stored<JournalView> => {
  const log = `${topic}-${String(partition)}`;
  return {
    _id: journalId({ topic, partition, offset }),
    _pos: { [log]: offset },
    _rev: 1,
    topic,
    partition,
    offset,
    position: `${log}@${String(offset)}`,
    log,
    type: topic === 'orders' ? 'OrderDelivered' : 'ReservationReleased',
    key: `key-${String(partition)}`,
    version: offset + 1,
    time: at(offset),
    eventId: crypto.randomUUID(),
    correlationId: `correlation-${String(partition)}`,
    causationId: 'cause',
    commandId: 'command',
    actor: 'shop',
    source: '/command-api',
    traceparent: null,
    data: { orderId: 'o-1', deliveredAt: at(offset).getTime() },
    schema: { id: 7, subject: `${topic}-shop.${topic}.X`, version: 1 },
    text: `${topic} key-${String(partition)} (100%)`,
    ...change,
  };
};

/** Moves a view's checkpoint, as a projector does after each batch. */
export async function checkpoint(
  db: Db,
  id: string,
  positions: Readonly<Record<string, number>>,
): Promise<void> {
  const progress = { positions, ends: positions, updatedAt: at(0) };
  await checkpointsCollection(db).replaceOne({ _id: id }, progress, { upsert: true });
}

/** Registers every projection, with generation 1 live and empty. */
export async function registerProjections(db: Db): Promise<void> {
  await projectionsCollection(db).insertMany(projectionNames.map((name) => registryOf(name)));
  for (const name of projectionNames) await checkpoint(db, generationName(name, 1), {});
}

/** Appends events to generation 1 of the journal, and then moves its checkpoint. */
export async function appendToJournal(db: Db, events: readonly Stored<JournalView>[]): Promise<void> {
  if (events.length > 0) await viewCollection(db, 'journal', 1).insertMany([...events]);
  const id = generationName('journal', 1);
  const before = await checkpointsCollection(db).findOne({ _id: id });
  const positions: Record<string, number> = { ...before?.positions };
  for (const { log, offset } of events) positions[log] = Math.max(positions[log] ?? 0, offset + 1);
  await checkpoint(db, id, positions);
}
