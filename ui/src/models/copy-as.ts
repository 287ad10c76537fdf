// What stands behind a page, as a line for a shell: curl for a request, mongosh for a document.
// Text is quoted for POSIX shells, so that a name with an apostrophe is safe to paste.

import type { Command } from '../services/commands.ts';

export const shellQuote = (text: string): string => `'${text.replaceAll("'", String.raw`'\''`)}'`;

/** @param origin e.g. `http://127.0.0.1:8080` */
export const curlGet = (origin: string, path: string): string => `curl -s ${shellQuote(origin + path)}`;

/** A command as curl, with a fresh key from the shell so that pasting it twice sends two commands. */
export const curlCommand = (origin: string, command: Pick<Command, 'path' | 'body'>): string =>
  [
    `curl -s -X POST ${shellQuote(`${origin}/command-api${command.path}`)}`,
    `-H 'content-type: application/json'`,
    `-H "idempotency-key: $(uuidgen)"`,
    `-d ${shellQuote(JSON.stringify(command.body))}`,
  ].join(' \\\n  ');

/**
 * Finds a view's document in the generation readers use now.
 *
 * @param view the projection's name, e.g. `orders`
 */
export function mongoshFind(view: string, id: string): string {
  const live = `db.projections.findOne({_id: ${JSON.stringify(view)}}).live`;
  const script = `db.getCollection(${JSON.stringify(`${view}.g`)} + ${live}).findOne({_id: ${JSON.stringify(id)}})`;
  return `mongosh "$MONGODB_URI" --quiet --eval ${shellQuote(script)}`;
}

/** The journal's own id of an event: its position with the offset zero-padded to 16 digits, so that ids sort as offsets do. */
export const journalId = (topic: string, partition: number, offset: number): string =>
  `${topic}-${String(partition)}@${String(offset).padStart(16, '0')}`;
