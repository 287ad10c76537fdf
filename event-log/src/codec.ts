// Events to bytes and back: Confluent's wire format (a zero byte, the schema's id as int32, the Avro body). avsc types are built
// once per schema. A reader always gets the event as today's schema has it: the writer's schema is resolved to ours once per
// schema id, since building a resolver costs 100 times what decoding does.
import type { SchemaRegistry } from '@kafkajs/confluent-schema-registry';
import {
  catalogue,
  catalogueEntry,
  isEventType,
  partitionName,
  type CatalogueEntry,
  type EventType,
  type Topic,
} from '@comptoir/schemas';
import avro from 'avsc';
import type { KafkaMessage } from 'kafkajs';
import { fromHeaders } from './cloud-events.ts';
import type { NewEvent, RecordedEvent } from './recorded-event.ts';

/** An event that cannot be read. The message names its position and what is wrong with it. */
export class UnreadableEventError extends Error {
  override readonly name = 'UnreadableEventError';
}

interface Decoder {
  readonly decode: (body: Buffer) => unknown;
  readonly schema: RecordedEvent['schema'];
}

const headerLength = 5;
/** Start of the scratch buffer; it grows to twice the largest event seen. */
const scratchLength = 4_096;

/** Encodes and decodes events. */
export interface Codec {
  /** The value of the event's record. */
  encode(event: NewEvent): Buffer;
  /**
   * Reads records of one partition.
   * @throws UnreadableEventError for the first that is no event of ours
   */
  decode(topic: Topic, partition: number, messages: readonly KafkaMessage[]): Promise<RecordedEvent[]>;
}

/**
 * Creates the codec.
 * @param schemaIds the registry's id of every event's schema (from `registerSchemas`)
 * @param versionOf asks the registry for the version of a schema id within a subject
 */
export function createCodec(
  registry: SchemaRegistry,
  schemaIds: ReadonlyMap<CatalogueEntry, number>,
  versionOf: (id: number, subject: string) => Promise<number | undefined>,
): Codec {
  const types = new Map<EventType, avro.Type>(
    catalogue.map((entry) => [entry.type, avro.Type.forSchema(entry.schema as avro.Schema)]),
  );
  const idOf = new Map<EventType, number>([...schemaIds].map(([entry, id]) => [entry.type, id]));
  const decoders = new Map<string, Promise<Decoder>>();
  let scratch = Buffer.allocUnsafe(scratchLength);

  const typeOf = (type: EventType): avro.Type => {
    const found = types.get(type);
    if (found === undefined) throw new Error(`no Avro type for ${type}`);
    return found;
  };

  async function createDecoder(id: number, type: EventType): Promise<Decoder> {
    const reader = typeOf(type);
    const writer = await registry.getSchema(id);
    if (!(writer instanceof avro.Type)) throw new Error(`the schema ${String(id)} is not Avro`);
    const { subject } = catalogueEntry(type);
    const schema = { id, subject, version: await versionOf(id, subject) };
    const resolver = reader.createResolver(writer);
    return { schema, decode: (body) => reader.fromBuffer(body, resolver) as unknown };
  }

  /** The same id may serve two subjects only when the schemas are equal, so both are part of the key. */
  function decoderOf(id: number, type: EventType): Promise<Decoder> {
    const key = `${String(id)} ${type}`;
    let decoder = decoders.get(key);
    if (decoder === undefined) {
      decoder = createDecoder(id, type);
      decoders.set(key, decoder);
      // A registry that is away must not be remembered as an answer.
      decoder.catch(() => decoders.delete(key));
    }
    return decoder;
  }

  async function decodeOne(topic: Topic, partition: number, message: KafkaMessage): Promise<RecordedEvent> {
    const { type, ...metadata } = fromHeaders(message.headers);
    if (!isEventType(type)) {
      throw new Error(`its type ${type} is unknown here: this service is older than the one that wrote it`);
    }
    const { value, key } = message;
    if (value === null || value.length < headerLength || value[0] !== 0)
      throw new Error('its value is not in Confluent’s wire format');
    if (key === null) throw new Error('it has no key');
    const decoder = await decoderOf(value.readInt32BE(1), type);
    const data = decoder.decode(value.subarray(headerLength));
    const { schema } = decoder;
    const event = {
      ...metadata,
      type,
      data,
      topic,
      partition,
      offset: Number(message.offset),
      key: key.toString(),
      schema,
    };
    return event as RecordedEvent;
  }

  return {
    encode(event) {
      const id = idOf.get(event.type);
      if (id === undefined) throw new Error(`the schema of ${event.type} is not registered`);
      const type = typeOf(event.type);
      scratch[0] = 0;
      scratch.writeInt32BE(id, 1);
      // avsc answers a negative position, whose size tells how much is missing, when the buffer is too short.
      let end = type.encode(event.data, scratch, headerLength);
      if (end < 0) {
        const grown = Buffer.allocUnsafe(2 * (scratch.length - end));
        scratch.copy(grown, 0, 0, headerLength);
        scratch = grown;
        end = type.encode(event.data, scratch, headerLength);
      }
      return Buffer.from(scratch.subarray(0, end));
    },
    async decode(topic, partition, messages) {
      const events: RecordedEvent[] = [];
      for (const message of messages) {
        try {
          events.push(await decodeOne(topic, partition, message));
        } catch (error) {
          const reason = error instanceof Error ? error.message : String(error);
          const place = `${partitionName(topic, partition)}@${message.offset}`;
          throw new UnreadableEventError(`the event at ${place} cannot be read: ${reason}`, { cause: error });
        }
      }
      return events;
    },
  };
}
