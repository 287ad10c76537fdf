// The id of a reactor's command. It is a function of the event that causes it, so the same event read twice (after a crash, by a
// second process, from the start of the log) asks for the same command, and the command API answers a repeat with its first answer.
import { v5 } from 'uuid';

/** The namespace of these ids. Never change it: every command would be carried out once more when its event is read again. */
export const commandNamespace = 'e8d6c1b2-0a45-5f7e-9c3d-7b1f2a94c650';

/**
 * The id of the command that an event causes: a name-based UUID (version 5, RFC 9562 §5.5).
 * @param eventId - id of the causing event
 * @param purpose - what the command is for, for example `reserve`; no slash in it
 * @param sku - tells the commands of one purpose apart; empty when there is only one
 */
export const commandId = (eventId: string, purpose: string, sku = ''): string =>
  v5(`${eventId}/${purpose}/${sku}`, commandNamespace);
