// Frames that no client should send: random ones, and real requests with something wrong in them. The same seed gives the same frames.
import { apis } from '../apis.ts';
import { encodeRequest } from '../messages.ts';
import type { Api } from '../api.ts';
import { sample } from './sample.ts';

/** Whole numbers from 0 to below the argument. */
export type Dice = (below: number) => number;

/** A small generator of pseudo-random numbers (xorshift, 32 bits). */
export function diceOf(seed: number): Dice {
  let state = seed | 1;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

const noise = (length: number, dice: Dice): Buffer => Buffer.from(Array.from({ length }, () => dice(256)));

const withSize = (frame: Buffer, size = frame.length): Buffer => {
  const head = Buffer.alloc(4);
  head.writeInt32BE(size);
  return Buffer.concat([head, frame]);
};

const allApis: readonly Api[] = Object.values(apis);
const anyApi = (dice: Dice): Api => allApis[dice(allApis.length)] ?? apis.apiVersions;
const anyVersion = ({ versions: [first, last] }: Api, dice: Dice): number => first + dice(last - first + 1);

/** Bytes without sense: with or without a size before them, with or without the header of a request. */
export function randomFrame(dice: Dice): Buffer {
  const body = noise(dice(300), dice);
  switch (dice(4)) {
    case 0:
      return body;
    case 1:
      return withSize(body);
    case 2:
      return withSize(body, dice(2) === 0 ? dice(0x7fff_ffff) : -dice(1000));
    default: {
      const api = anyApi(dice);
      const header = Buffer.alloc(10);
      header.writeInt16BE(api.key);
      header.writeInt16BE(anyVersion(api, dice), 2);
      header.writeInt16BE(-1, 8);
      return withSize(Buffer.concat([header, body]));
    }
  }
}

const extremes = [-1, -2, 0, 0x7fff_ffff, -0x8000_0000, 0x00ff_ffff] as const;

/** A real request, changed somewhere. Its names are no legal names of topics, so that nothing is made by accident. */
export function mutatedFrame(dice: Dice): Buffer {
  const api = anyApi(dice);
  const version = anyVersion(api, dice);
  const request = sample(api.request, version, dice(5) === 0 ? 'bare' : 'full');
  const frame = encodeRequest(api, version, { correlationId: dice(1000), clientId: 'é' }, request).subarray(
    4,
  );
  for (let changes = 1 + dice(3); changes > 0; changes--) {
    const at = dice(frame.length);
    switch (dice(4)) {
      case 0:
        frame[at] = dice(256);
        break;
      case 1:
        frame[at] = (frame[at] ?? 0) ^ (1 << dice(8));
        break;
      case 2:
        if (at + 4 <= frame.length) frame.writeInt32BE(extremes[dice(extremes.length)] ?? 0, at);
        break;
      default:
        if (at + 2 <= frame.length) frame.writeInt16BE(dice(2) === 0 ? 0x7fff : -1, at);
    }
  }
  switch (dice(6)) {
    case 0:
      return withSize(frame.subarray(0, dice(frame.length)));
    case 1:
      return withSize(Buffer.concat([frame, noise(dice(50), dice)]));
    case 2:
      return withSize(frame, frame.length + dice(100));
    default:
      return withSize(frame);
  }
}
