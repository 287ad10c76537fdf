import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FrameReader, LARGEST_MESSAGE } from './frames.ts';

function message(bytes: Uint8Array): Buffer {
  const whole = Buffer.alloc(16 + bytes.length);
  whole.writeInt32LE(whole.length, 0);
  whole.set(bytes, 16);
  return whole;
}

test('messages come out whole and in order, however their bytes are cut', () => {
  fc.assert(
    fc.property(
      fc.array(fc.uint8Array({ maxLength: 60 }), { maxLength: 8 }),
      fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 20 }),
      (bodies, cuts) => {
        const messages = bodies.map(message);
        const stream = Buffer.concat(messages);
        const reader = new FrameReader();
        const received: Buffer[] = [];
        for (let at = 0, turn = 0; at < stream.length; turn++) {
          const size = cuts[turn % cuts.length] ?? 1;
          received.push(...reader.push(stream.subarray(at, at + size)));
          at += size;
        }
        expect(received.map((each) => each.toString('hex'))).toEqual(
          messages.map((each) => each.toString('hex')),
        );
      },
    ),
  );
});

test.each([15, 0, -1, LARGEST_MESSAGE + 1])(
  'a declared length of %i ends the connection before anything is kept',
  (length) => {
    const header = Buffer.alloc(4);
    header.writeInt32LE(length);
    expect(() => new FrameReader().push(header)).toThrow(RangeError);
  },
);
