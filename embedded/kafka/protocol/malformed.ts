// A frame that is not what its header says: it ends the connection that sent it, and nothing else.

/** Bytes that cannot be read as the message that they should be. */
export class MalformedMessage extends Error {
  override readonly name = 'MalformedMessage';
}
