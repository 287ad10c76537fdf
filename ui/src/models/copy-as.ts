// What stands behind a page, as a line for a shell: curl for a request, kcat for an event, mongosh for a document.
// Text is quoted for POSIX shells, so that a name with an apostrophe is safe to paste.

import type { Command } from '../services/commands.ts';
import type { Position } from './position.ts';

/** Quotes a text for a POSIX shell. */
export const shellQuote = (text: string): string => `'${text.replaceAll("'", String.raw`'\''`)}'`;

/** @param origin e.g. `http://127.0.0.1:8080` */
export const curlGet = (origin: string, path: string): string => `curl -s ${shellQuote(origin + path)}`;

/** A POST without a body. */
export const curlPost = (origin: string, path: string): string =>
  `curl -s -X POST ${shellQuote(origin + path)}`;

/** A command as curl, with a fresh key from the shell so that pasting it twice sends two commands. */
export const curlCommand = (origin: string, command: Pick<Command, 'path' | 'body'>): string =>
  [
    `curl -s -X POST ${shellQuote(`${origin}/command-api${command.path}`)}`,
    `-H 'content-type: application/json'`,
    `-H "idempotency-key: $(uuidgen)"`,
    `-d ${shellQuote(JSON.stringify(command.body))}`,
  ].join(' \\\n  ');

/** Reads one event off Kafka, decoded by its schema: its position, key and headers, then what it says. */
export const kcatRead = ({ topic, partition, offset }: Position): string =>
  [
    `kcat -C -b "\${KAFKA_BROKERS:-127.0.0.1:9092}" -t ${shellQuote(topic)} -p ${String(partition)} -o ${String(offset)} -c 1 -q`,
    `-s value=avro -r "\${SCHEMA_REGISTRY_URL:-http://127.0.0.1:8081}"`,
    String.raw`-f '%t-%p@%o %k %h\n%s\n'`,
  ].join(' \\\n  ');

const mongosh = (script: string): string => `mongosh "$MONGODB_URI" --quiet --eval ${shellQuote(script)}`;

/**
 * Finds a view's document in the generation readers use now.
 *
 * @param view the projection's name, e.g. `orders`
 */
export function mongoshFind(view: string, id: string): string {
  const live = `db.projections.findOne({_id: ${JSON.stringify(view)}}).live`;
  return mongosh(
    `db.getCollection(${JSON.stringify(`${view}.g`)} + ${live}).findOne({_id: ${JSON.stringify(id)}})`,
  );
}

/** A projection's registry document. */
export const mongoshProjection = (name: string): string =>
  mongosh(`db.projections.findOne({_id: ${JSON.stringify(name)}})`);

/** The journal's own id of an event: its position with the offset zero-padded to 16 digits, so that ids sort as offsets do. */
export const journalId = (topic: string, partition: number, offset: number): string =>
  `${topic}-${String(partition)}@${String(offset).padStart(16, '0')}`;
