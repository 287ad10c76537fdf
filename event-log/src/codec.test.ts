import { catalogue, catalogueEntry } from '@comptoir/schemas';
import avro from 'avsc';
import { describe, expect, it } from 'vitest';
import { toHeaders } from './cloud-events.ts';
import { createCodec, UnreadableEventError } from './codec.ts';
import type { NewEvent } from './recorded-event.ts';

const ids = new Map(catalogue.map((entry, n) => [entry, n + 1]));

/** A registry that knows the schemas of the catalogue under 1, 2, 3, and whatever else a test gives it. */
function codecWith(more: Record<number, avro.Type> = {}) {
  const asked: number[] = [];
  const registry = {
    getSchema: (id: number) => {
      asked.push(id);
      const entry = catalogue[id - 1];
      const known =
        more[id] ?? (entry === undefined ? undefined : avro.Type.forSchema(entry.schema as avro.Schema));
      return known === undefined ? Promise.reject(new Error('no such schema')) : Promise.resolve(known);
    },
  };
  return { codec: createCodec(registry as never, ids, () => Promise.resolve(1)), asked };
}

const event: NewEvent = {
  topic: 'stock',
  key: 'tea',
  type: 'StockAdjusted',
  data: {
    sku: 'tea',
    delta: -3,
    onHand: 9_007_199_254_740_990,
    reason: 'damaged',
    note: null,
    adjustedAt: 1_700_000_000_000,
  },
  time: 1_700_000_000_123,
  id: 'event-1',
  source: '/command-api',
  version: 7,
  correlationId: 'correlation',
  causationId: 'cause',
  commandId: 'command',
  commandHash: 'hash',
  actor: 'tester',
  traceparent: undefined,
};

const message = (
  value: Buffer | null,
  headers: Record<string, string> = toHeaders(event),
  key: string | null = 'tea',
) => ({
  key: key === null ? null : Buffer.from(key),
  value,
  headers,
  offset: '41',
  timestamp: '0',
  attributes: 0,
});

describe('an event', () => {
  it('is read as it was written, with where it stands and which schema it has', async () => {
    const { codec } = codecWith();
    const [read] = await codec.decode('stock', 3, [message(codec.encode(event))]);
    const { subject } = catalogueEntry('StockAdjusted');
    expect(read).toEqual({
      ...event,
      partition: 3,
      offset: 41,
      schema: { id: ids.get(catalogueEntry('StockAdjusted')), subject, version: 1 },
    });
  });

  it('that is longer than anything before is written whole', async () => {
    const { codec } = codecWith();
    const long = { ...event, data: { ...event.data, note: 'ß'.repeat(20_000) } } as NewEvent;
    const [read] = await codec.decode('stock', 0, [message(codec.encode(long))]);
    expect(read?.data).toEqual(long.data);
  });

  it('that does not fit its schema cannot be written', () => {
    const { codec } = codecWith();
    expect(() => codec.encode({ ...event, data: { ...event.data, delta: 'three' } } as never)).toThrow(
      /delta|invalid/,
    );
  });

  it('written with an older schema is read as today’s has it', async () => {
    const { schema } = catalogueEntry('StockAdjusted');
    const { fields, ...rest } = schema as unknown as { fields: { name: string }[] };
    const older = avro.Type.forSchema({
      ...rest,
      fields: fields.filter(({ name }) => name !== 'note'),
    } as never);
    const { codec } = codecWith({ 900: older });
    const { note: _note, ...data } = event.data as { note: null };
    const value = Buffer.concat([Buffer.from([0, 0, 0, 3, 0x84]), older.toBuffer(data)]);
    const [read] = await codec.decode('stock', 0, [message(value)]);
    expect(read?.data).toEqual(event.data);
  });

  it.each([
    ['no value', message(null), /wire format/],
    ['another format', message(Buffer.from('{"json":true}')), /wire format/],
    ['no key', message(codecWith().codec.encode(event), toHeaders(event), null), /no key/],
    ['no type', message(codecWith().codec.encode(event), {}), /ce_/],
    [
      'a type of the future',
      message(codecWith().codec.encode(event), { ...toHeaders(event), ce_type: 'OrderGiftWrapped' }),
      /older than the one that wrote it/,
    ],
    [
      'a version that is none',
      message(codecWith().codec.encode(event), { ...toHeaders(event), ce_sequence: '0' }),
      /ce_sequence/,
    ],
    ['a schema that nobody knows', message(Buffer.from([0, 0, 0, 99, 99, 1])), /no such schema/],
  ])('with %s is refused, and the message names its position', async (_what, broken, reason) => {
    const refusal: unknown = await codecWith()
      .codec.decode('stock', 2, [broken])
      .catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(UnreadableEventError);
    expect(String(refusal)).toContain('stock-2@41');
    expect(String(refusal)).toMatch(reason);
  });
});

describe('the registry', () => {
  it('is asked for a schema once, and again when it did not answer', async () => {
    const { codec, asked } = codecWith();
    const value = codec.encode(event);
    await codec.decode('stock', 0, [message(value), message(value)]);
    await codec.decode('stock', 0, [message(value)]);
    expect(asked).toHaveLength(1);
    const unknown = message(Buffer.from([0, 0, 0, 99, 99, 1]));
    await expect(codec.decode('stock', 0, [unknown])).rejects.toThrow();
    await expect(codec.decode('stock', 0, [unknown])).rejects.toThrow();
    expect(asked).toHaveLength(3);
  });
});
