import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { errorCodes } from '../protocol/errors.ts';
import {
  assignOffset,
  buildBatch,
  controlBatch,
  filterBatch,
  isIntact,
  readBatches,
  readHeader,
  records,
  setLogAppendTime,
  validateBatch,
  type BatchHeader,
} from './batch.ts';
import { crc32c } from './crc32c.ts';
import { headerSize, seal } from './header.ts';

const headerAt = (buffer: Buffer, at = 0): BatchHeader => {
  const header = readHeader(buffer, at);
  if (header === undefined) throw new Error('no header there');
  return header;
};

const bytes = fc.uint8Array({ maxLength: 2000, size: 'small' }).map((values) => Buffer.from(values));
const newRecord = fc.record({
  key: fc.option(bytes),
  value: fc.option(bytes),
  headers: fc.array(fc.record({ key: fc.string({ maxLength: 10 }), value: fc.option(bytes) }), {
    maxLength: 3,
  }),
  timestamp: fc.integer({ min: 0, max: 2 ** 45 }),
});
const someRecords = fc.array(newRecord, { minLength: 1, maxLength: 20 });
const text = (values: readonly string[]) => values.map((value) => ({ key: null, value: Buffer.from(value) }));

describe('CRC-32C', () => {
  it.each([
    // RFC 3720, appendix B.4.
    ['32 zeros', Buffer.alloc(32), 0x8a9136aa],
    ['32 ones', Buffer.alloc(32, 0xff), 0x62a8ab43],
    ['0 to 31', Buffer.from(Array.from({ length: 32 }, (_, i) => i)), 0x46dd794e],
    ['the digits', Buffer.from('123456789'), 0xe3069283],
  ])('of %s is as published', (_, input, expected) => {
    expect(crc32c(input)).toBe(expected);
  });

  it('of a part is that of the part alone', () => {
    fc.assert(
      fc.property(bytes, fc.nat(), fc.nat(), (all, a, b) => {
        const start = Math.min(a % (all.length + 1), b % (all.length + 1));
        const end = Math.max(a % (all.length + 1), b % (all.length + 1));
        expect(crc32c(all, start, end)).toBe(crc32c(Buffer.from(all.subarray(start, end))));
      }),
    );
  });
});

describe('a batch that was built', () => {
  it('is valid and gives its records back', () => {
    fc.assert(
      fc.property(someRecords, fc.nat(1_000_000), (given, baseOffset) => {
        const batch = buildBatch({ records: given, timestamp: 0 });
        assignOffset(batch, 0, baseOffset, 3);
        const header = headerAt(batch);
        expect(validateBatch(batch, header)).toBe(errorCodes.NONE);
        expect(header).toMatchObject({
          baseOffset,
          leaderEpoch: 3,
          recordCount: given.length,
          producerId: -1,
        });
        expect(header.maxTimestamp).toBe(Math.max(...given.map(({ timestamp }) => timestamp)));
        expect([...records(batch, header)]).toEqual(
          given.map((record, i) => ({ ...record, offset: baseOffset + i })),
        );
      }),
    );
  });

  it('carries its producer and its flags', () => {
    const batch = buildBatch({
      records: text(['a', 'b']),
      timestamp: 5,
      producerId: 4_000_000_000,
      producerEpoch: 7,
      baseSequence: 2_147_483_647,
      isTransactional: true,
    });
    expect(headerAt(batch)).toMatchObject({
      producerId: 4_000_000_000,
      producerEpoch: 7,
      baseSequence: 2_147_483_647,
      isTransactional: true,
      isControl: false,
      lastOffsetDelta: 1,
    });
  });
});

describe('a batch of kafkajs', () => {
  interface KafkajsEncoder {
    readonly buffer: Buffer;
  }
  const require = createRequire(import.meta.url);
  const { RecordBatch: encodeBatch } = require('kafkajs/src/protocol/recordBatch/v0') as {
    readonly RecordBatch: (batch: object) => Promise<KafkajsEncoder>;
  };
  const encodeRecord = require('kafkajs/src/protocol/recordBatch/record/v0') as (record: object) => object;

  it.each([0, 1])('with compression %i is valid and gives its records', async (compression) => {
    const { buffer } = await encodeBatch({
      compression,
      firstTimestamp: 1000,
      maxTimestamp: 1001,
      lastOffsetDelta: 1,
      records: [
        encodeRecord({ offsetDelta: 0, timestampDelta: 0, key: 'k', value: 'v', headers: { h: 'x' } }),
        encodeRecord({ offsetDelta: 1, timestampDelta: 1, key: null, value: null }),
      ],
    });
    const header = headerAt(buffer);
    expect(validateBatch(buffer, header)).toBe(errorCodes.NONE);
    expect([...records(buffer, header)]).toEqual([
      {
        offset: 0,
        timestamp: 1000,
        key: Buffer.from('k'),
        value: Buffer.from('v'),
        headers: [{ key: 'h', value: Buffer.from('x') }],
      },
      { offset: 1, timestamp: 1001, key: null, value: null, headers: [] },
    ]);
  });
});

describe('a batch of Apache Kafka', () => {
  // The same 150 records with every compression, as its clients 4.1.1 write them.
  const batches = readFileSync(new URL('testing/apache-batches.txt', import.meta.url), 'utf8')
    .trim()
    .split('\n')
    .map((line) => line.split(' '));
  const expected = Array.from({ length: 150 }, (_, i) => ({
    offset: i,
    timestamp: 1_700_000_000_000 + i,
    key: i % 5 === 0 ? null : Buffer.from(`key-${String(i)}`),
    value:
      i % 11 === 3
        ? null
        : Buffer.from(
            `the order ${String(i)} of ${String(i % 7)} chairs, ${'ab'.repeat(i % 40)} and the order ${String(i >> 1)}`,
          ),
    headers: i % 3 === 0 ? [{ key: `h${String(i)}`, value: i % 2 === 0 ? null : Buffer.from([1, 2]) }] : [],
  }));

  it.each(batches)('with %s compression is valid and gives its records', (name, base64 = '') => {
    const batch = Buffer.from(base64, 'base64');
    const header = headerAt(batch);
    expect(header.compression).toBe(name);
    expect(validateBatch(batch, header)).toBe(errorCodes.NONE);
    expect([...records(batch, header)]).toEqual(expected);
  });

  it.each(batches)(
    'with %s compression gives an error and nothing worse when it is damaged',
    (_, base64 = '') => {
      const intact = Buffer.from(base64, 'base64');
      fc.assert(
        fc.property(fc.nat(), fc.integer({ min: 1, max: 255 }), (at, change) => {
          const batch = Buffer.from(intact);
          const index = headerSize + (at % (batch.length - headerSize));
          batch[index] = (batch[index] ?? 0) ^ change;
          try {
            expect([...records(batch, headerAt(batch))].length).toBe(150);
          } catch (error) {
            expect(error).toBeInstanceOf(Error);
          }
        }),
      );
    },
  );
});

describe('batches in a buffer', () => {
  const first = buildBatch({ records: text(['a']), timestamp: 1 });
  const second = buildBatch({ records: text(['b', 'c']), timestamp: 2 });

  it('are found one after the other, up to the first that is not all there', () => {
    const both = Buffer.concat([first, second]);
    for (let length = 0; length <= both.length; length++) {
      const whole = [...readBatches(both.subarray(0, length))].map(({ offsetInBuffer }) => offsetInBuffer);
      expect(whole).toEqual(
        [0, first.length].filter((_, i) => length >= ([first.length, both.length][i] ?? 0)),
      );
    }
  });

  it('end at bytes that are no batch', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (noise) => {
        const found = [...readBatches(Buffer.concat([first, Buffer.from(noise)]))];
        expect(found[0]).toMatchObject({ offsetInBuffer: 0, sizeInBytes: first.length });
      }),
    );
  });
});

describe('a batch from a client', () => {
  const build = () => buildBatch({ records: text(['abc', 'def']), timestamp: 1 });
  const changed = (change: (batch: Buffer) => void, sealed = true): number => {
    const batch = build();
    change(batch);
    if (sealed) seal(batch, 0, batch.length);
    return validateBatch(batch, headerAt(batch));
  };

  it('is corrupt when any bit under its checksum has flipped', () => {
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 0, max: 7 }), (at, bit) => {
        const flip = (batch: Buffer): void => {
          const index = 21 + (at % (batch.length - 21));
          batch[index] = (batch[index] ?? 0) ^ (1 << bit);
        };
        expect(changed(flip, false)).toBe(errorCodes.CORRUPT_MESSAGE);
      }),
    );
  });

  it.each<[string, number, (batch: Buffer) => void]>([
    ['of an older format', errorCodes.UNSUPPORTED_FOR_MESSAGE_FORMAT, (batch) => batch.writeInt8(1, 16)],
    ['of a newer format', errorCodes.CORRUPT_MESSAGE, (batch) => batch.writeInt8(3, 16)],
    ['longer than it is', errorCodes.CORRUPT_MESSAGE, (batch) => batch.writeInt32BE(batch.length, 8)],
    ['with a wrong count', errorCodes.INVALID_RECORD, (batch) => batch.writeInt32BE(3, 57)],
    ['with a wrong last offset', errorCodes.INVALID_RECORD, (batch) => batch.writeInt32BE(5, 23)],
    [
      'with a huge count',
      errorCodes.INVALID_RECORD,
      (batch) => (batch.writeInt32BE(2 ** 30, 57), batch.writeInt32BE(2 ** 30 - 1, 23)),
    ],
    ['that pretends to be a marker', errorCodes.INVALID_RECORD, (batch) => batch.writeInt16BE(0x20, 21)],
    ['with an unknown compression', errorCodes.INVALID_RECORD, (batch) => batch.writeInt16BE(7, 21)],
    ['with a producer but no sequence', errorCodes.INVALID_RECORD, (batch) => batch.writeBigInt64BE(5n, 43)],
    ['with a record longer than the batch', errorCodes.INVALID_RECORD, (batch) => batch.writeInt8(0x7e, 61)],
  ])('%s is refused', (_, code, change) => {
    expect(changed(change)).toBe(code);
  });
});

describe('the log append time', () => {
  it('becomes the time of every record, under a new checksum', () => {
    const batch = buildBatch({ records: text(['a', 'b']), timestamp: 1 });
    setLogAppendTime(batch, 0, 99);
    const header = headerAt(batch);
    expect(isIntact(batch, header)).toBe(true);
    expect(header).toMatchObject({ timestampType: 'logAppendTime', maxTimestamp: 99 });
    expect([...records(batch, header)].map(({ timestamp }) => timestamp)).toEqual([99, 99]);
  });
});

describe('a transaction marker', () => {
  it.each([
    ['commit', 1],
    ['abort', 0],
  ] as const)('for %s is a control record of one key and the coordinator', (kind, type) => {
    const batch = controlBatch(kind, 12, 3, 8, 1000);
    const header = headerAt(batch);
    expect(isIntact(batch, header)).toBe(true);
    expect(header).toMatchObject({
      isControl: true,
      isTransactional: true,
      producerId: 12,
      producerEpoch: 3,
      baseSequence: -1,
    });
    const [record] = records(batch, header);
    expect(record?.key).toEqual(Buffer.from([0, 0, 0, type]));
    expect(record?.value).toEqual(Buffer.from([0, 0, 0, 0, 0, 8]));
  });
});

describe('what compaction leaves of a batch', () => {
  it('keeps offsets, producer, sequence and last offset, and nothing else', () => {
    fc.assert(
      fc.property(someRecords, fc.infiniteStream(fc.boolean()), (given, choices) => {
        const batch = buildBatch({
          records: given,
          timestamp: 0,
          producerId: 5,
          producerEpoch: 1,
          baseSequence: 40,
        });
        assignOffset(batch, 0, 100, 0);
        const header = headerAt(batch);
        const keep = new Set(given.flatMap((_, i) => (choices.next().value === true ? [100 + i] : [])));
        const left = filterBatch(batch, header, ({ offset }) => keep.has(offset));
        if (keep.size === 0) {
          expect(left).toBeNull();
          return;
        }
        if (left === null) throw new Error('records were to be kept');
        const leftHeader = headerAt(left);
        expect(isIntact(left, leftHeader)).toBe(true);
        expect(leftHeader).toMatchObject({
          baseOffset: 100,
          lastOffsetDelta: given.length - 1,
          producerId: 5,
          producerEpoch: 1,
          baseSequence: 40,
          recordCount: keep.size,
        });
        expect([...records(left, leftHeader)]).toEqual(
          [...records(batch, header)].filter(({ offset }) => keep.has(offset)),
        );
      }),
    );
  });
});
