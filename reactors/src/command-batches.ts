// Cuts a list of commands into requests of bounded size. Each command is turned into JSON once, however often it is sent.
import { Buffer } from 'node:buffer';
import type { OutgoingCommand } from './command.ts';

/** A command and its JSON. */
export interface SerializedCommand {
  readonly command: OutgoingCommand;
  readonly json: string;
  /** Length of the JSON in bytes. */
  readonly bytes: number;
}

/** Bounds of one request. A single command larger than `maxBytes` is a request of its own. */
export interface BatchBounds {
  readonly maxCommands: number;
  readonly maxBytes: number;
}

export function serialize(command: OutgoingCommand): SerializedCommand {
  const json = JSON.stringify(command.envelope);
  return { command, json, bytes: Buffer.byteLength(json) };
}

/** The commands in the given order, as few requests as the bounds allow. */
export function toBatches(
  commands: readonly SerializedCommand[],
  { maxCommands, maxBytes }: BatchBounds,
): SerializedCommand[][] {
  const batches: SerializedCommand[][] = [];
  let current: SerializedCommand[] = [];
  let size = 0;
  for (const command of commands) {
    if (current.length > 0 && (current.length >= maxCommands || size + command.bytes > maxBytes)) {
      batches.push(current);
      current = [];
      size = 0;
    }
    current.push(command);
    size += command.bytes + 1;
  }
  if (current.length > 0) batches.push(current);
  return batches;
}

/** The body of `POST /v1/commands`. */
export const requestBody = (batch: readonly SerializedCommand[]): string =>
  `{"commands":[${batch.map(({ json }) => json).join(',')}]}`;
