// The delivery of reactors that answer with commands: every command of a wave is sent, and acknowledged, before the next wave.
import type { CommandClient } from './command-client.ts';
import { toOutgoing, type Command } from './command.ts';
import type { Delivery } from './runner.ts';

/** Delivers commands through the command API, in the name of a reactor. */
export const deliverCommands =
  (reactorName: string, client: CommandClient): Delivery<Command> =>
  (wave, signal) =>
    client.send(
      wave.flatMap(({ event, outputs }) => outputs.map((command) => toOutgoing(command, event, reactorName))),
      signal,
    );
