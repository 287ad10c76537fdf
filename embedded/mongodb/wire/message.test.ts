import { expect, test } from 'vitest';
import { decodeDocument } from '../documents/read.ts';
import { docOf, int32 } from '../documents/value.ts';
import { encodeDocument } from '../documents/write.ts';
import { crc32c } from './crc32c.ts';
import { answerTo, MalformedMessage, parseRequest } from './message.ts';
import { bodySection, opMsg, sequenceSection } from './testing.ts';

const ping = docOf({ ping: int32(1), $db: 'admin' });

test('an OP_MSG has one body and any number of named sequences', () => {
  const documents = [docOf({ a: int32(1) }), docOf({ b: 'x' })].map(encodeDocument);
  const request = parseRequest(
    opMsg([sequenceSection('documents', documents), bodySection(docOf({ insert: 'c', $db: 'd' }))]),
  );
  expect(request.database).toBe('d');
  expect(request.body.get('insert')).toBe('c');
  expect(request.sequences.get('documents')).toEqual(documents);
  expect(request.moreToCome).toBe(false);
});

test('a checksum is verified', () => {
  const bare = opMsg([bodySection(ping)], 1);
  const summed = Buffer.concat([bare, Buffer.alloc(4)]);
  summed.writeInt32LE(summed.length, 0);
  summed.writeUInt32LE(crc32c(summed.subarray(0, -4)), summed.length - 4);
  expect(parseRequest(summed).body.has('ping')).toBe(true);
  summed[summed.length - 1] = 255 - (summed.at(-1) ?? 0);
  expect(() => parseRequest(summed)).toThrow(MalformedMessage);
});

test('the checksum is CRC-32C', () => {
  expect(crc32c(Buffer.from('123456789'))).toBe(0xe3069283);
});

test.each([
  ['unknown required flags', opMsg([bodySection(ping)], 4)],
  ['two bodies', opMsg([bodySection(ping), bodySection(ping)])],
  ['no body', opMsg([sequenceSection('documents', [encodeDocument(ping)])])],
  ['a section of another kind', opMsg([Buffer.concat([Buffer.from([7]), encodeDocument(ping)])])],
  ['a field twice', opMsg([bodySection(docOf({ a: [], $db: 'd' })), sequenceSection('a', [])])],
  ['another operation', Buffer.concat([opMsg([bodySection(ping)]).fill(9, 12, 16)])],
])('%s: malformed', (_, message) => {
  expect(() => parseRequest(message)).toThrow(MalformedMessage);
});

test('an answer names its request and holds what was written', () => {
  const answer = answerTo({ id: 77, legacy: false }, (writer) => {
    writer.element('ok', 1);
  });
  expect(answer.readInt32LE(0)).toBe(answer.length);
  expect(answer.readInt32LE(8)).toBe(77);
  expect(decodeDocument(answer, 21)).toEqual(docOf({ ok: 1 }));
});
