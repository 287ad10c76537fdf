// Whole requests and responses as bytes: size, header, message. The codec of an API's version is made when it is first used.
import type { Api, RequestOf, ResponseOf } from './api.ts';
import { readStruct, writeStruct, type Read, type Write } from './codec.ts';
import { apiVersions } from './messages/api-versions.ts';
import { Reader } from './reader.ts';
import { Writer } from './writer.ts';

/** What every request begins with; the client id comes after it. */
export interface RequestStart {
  readonly apiKey: number;
  readonly apiVersion: number;
  readonly correlationId: number;
}

interface Codec {
  readonly readRequest: Read;
  readonly writeRequest: Write;
  readonly readResponse: Read;
  readonly writeResponse: Write;
}

const codecs = new Map<number, Map<number, Codec>>();

function codecOf(api: Api, version: number): Codec {
  const made = codecs.get(api.key)?.get(version);
  if (made !== undefined) return made;
  const form = { version, flexible: version >= api.flexibleFrom };
  const codec: Codec = {
    readRequest: readStruct(api.request, form),
    writeRequest: writeStruct(api.request, form),
    readResponse: readStruct(api.response, form),
    writeResponse: writeStruct(api.response, form),
  };
  const versions = codecs.get(api.key) ?? new Map<number, Codec>();
  codecs.set(api.key, versions.set(version, codec));
  return codec;
}

/** Reads what says which API, version and request a frame is. */
export const readRequestStart = (reader: Reader): RequestStart => ({
  apiKey: reader.int16(),
  apiVersion: reader.int16(),
  correlationId: reader.int32(),
});

const skipTags = (reader: Reader): void => {
  const count = reader.unsignedVarint();
  for (let i = 0; i < count; i++) {
    reader.unsignedVarint();
    reader.skip(reader.unsignedVarint());
  }
};

/**
 * Reads the rest of a request after its start. Bytes after the message are ignored, as Kafka does.
 *
 * @throws MalformedMessage
 */
export function decodeRequest<A extends Api>(
  api: A,
  version: number,
  reader: Reader,
): { readonly clientId: string | null; readonly request: RequestOf<A> } {
  const length = reader.int16();
  const clientId = length < 0 ? null : reader.text(length);
  if (version >= api.flexibleFrom) skipTags(reader);
  const request = codecOf(api, version).readRequest(reader) as RequestOf<A>;
  return { clientId, request };
}

/** The header of ApiVersions' responses is never flexible: the client does not know yet which versions it may use (KIP-511). */
const hasFlexibleHeader = (api: Api, version: number): boolean =>
  version >= api.flexibleFrom && api.key !== apiVersions.key;

/** A response as its client gets it, size first, in pieces to be sent in turn. */
export function encodeResponse<A extends Api>(
  api: A,
  version: number,
  correlationId: number,
  response: ResponseOf<A>,
): Buffer[] {
  const writer = new Writer();
  writer.int32(0);
  writer.int32(correlationId);
  if (hasFlexibleHeader(api, version)) writer.unsignedVarint(0);
  codecOf(api, version).writeResponse(writer, response);
  return withSize(writer);
}

function withSize(writer: Writer): Buffer[] {
  const size = writer.length - 4;
  const pieces = writer.finish();
  pieces[0]?.writeInt32BE(size);
  return pieces;
}

/** A request as a client sends it, size first. */
export function encodeRequest<A extends Api>(
  api: A,
  version: number,
  header: { readonly correlationId: number; readonly clientId: string | null },
  request: RequestOf<A>,
): Buffer {
  const writer = new Writer();
  writer.int32(0);
  writer.int16(api.key);
  writer.int16(version);
  writer.int32(header.correlationId);
  if (header.clientId === null) writer.int16(-1);
  else {
    const length = Buffer.byteLength(header.clientId);
    writer.int16(length);
    writer.text(header.clientId, length);
  }
  if (version >= api.flexibleFrom) writer.unsignedVarint(0);
  codecOf(api, version).writeRequest(writer, request);
  return Buffer.concat(withSize(writer));
}

/** Reads a response, without the size before it, as a client does. */
export function decodeResponse<A extends Api>(
  api: A,
  version: number,
  frame: Buffer,
): { readonly correlationId: number; readonly response: ResponseOf<A> } {
  const reader = new Reader(frame);
  const correlationId = reader.int32();
  if (hasFlexibleHeader(api, version)) skipTags(reader);
  return { correlationId, response: codecOf(api, version).readResponse(reader) as ResponseOf<A> };
}
