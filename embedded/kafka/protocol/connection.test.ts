import { afterEach, describe, expect, it } from 'vitest';
import { apis } from './apis.ts';
import { errorCodes, ProtocolError } from './errors.ts';
import type { RequestContext } from './handler.ts';
import { decodeResponse } from './messages.ts';
import { correlationOf, endAll, heartbeat, produce, request, start, versions } from './testing/server.ts';

afterEach(endAll);

describe('a connection', () => {
  it('tells the APIs and versions that are served', async () => {
    const client = await (await start({})).client();
    client.send(versions(7));
    const { correlationId, response } = decodeResponse(
      apis.apiVersions,
      3,
      (await client.next()) ?? Buffer.alloc(0),
    );
    expect(correlationId).toBe(7);
    const ranges = new Map(
      response.apiKeys.map(({ apiKey, minVersion, maxVersion }) => [apiKey, [minVersion, maxVersion]]),
    );
    expect(ranges.get(apis.produce.key)).toEqual([0, 9]);
    expect(ranges.get(apis.fetch.key)).toEqual([4, 12]);
    expect(ranges.size).toBe(Object.keys(apis).length);
    expect([...ranges.values()].every(([first = 0, last = 0]) => first <= last)).toBe(true);
  });

  it('answers a newer ApiVersions than it knows with version 0 and the versions that it knows', async () => {
    const client = await (await start({})).client();
    const newer = versions(8);
    newer.writeInt16BE(77, 6);
    client.send(newer);
    const { response } = decodeResponse(apis.apiVersions, 0, (await client.next()) ?? Buffer.alloc(0));
    expect(response.errorCode).toBe(errorCodes.UNSUPPORTED_VERSION);
    expect(response.apiKeys.find(({ apiKey }) => apiKey === 18)).toMatchObject({
      minVersion: 0,
      maxVersion: 3,
    });
  });

  it('gives the handler the decoded request and who asks', async () => {
    const seen: { request: unknown; context: RequestContext }[] = [];
    const client = await (
      await start({
        heartbeat: (message, context) => {
          seen.push({ request: message, context });
          return { errorCode: 27 };
        },
      })
    ).client();
    client.send(heartbeat(1, 12));
    const { response } = decodeResponse(apis.heartbeat, 4, (await client.next()) ?? Buffer.alloc(0));
    expect(response).toEqual({ throttleTimeMs: 0, errorCode: 27 });
    expect(seen[0]?.request).toEqual({
      groupId: 'g',
      generationId: 12,
      memberId: 'm',
      groupInstanceId: null,
    });
    expect(seen[0]?.context).toMatchObject({ apiVersion: 4, clientId: 'test', clientHost: '/127.0.0.1' });
  });

  it('answers in the order of the requests, each started after the one before', async () => {
    const waits: (() => void)[] = [];
    const client = await (
      await start({
        heartbeat: ({ generationId }) =>
          new Promise((resolve) =>
            waits.push(() => {
              resolve({ errorCode: generationId });
            }),
          ),
      })
    ).client();
    client.send(Buffer.concat([heartbeat(1), versions(2), heartbeat(3)]));
    await expect.poll(() => waits.length).toBe(1);
    waits.shift()?.();
    expect(correlationOf(await client.next())).toBe(1);
    expect(correlationOf(await client.next())).toBe(2);
    await expect.poll(() => waits.length).toBe(1);
    waits.shift()?.();
    expect(correlationOf(await client.next())).toBe(3);
  });

  it('starts Produce requests without waiting for the ones before, and still answers in order', async () => {
    const waits: (() => void)[] = [];
    const client = await (
      await start({
        produce: () =>
          new Promise((resolve) =>
            waits.push(() => {
              resolve({ responses: [] });
            }),
          ),
        heartbeat: () => ({ errorCode: 0 }),
      })
    ).client();
    client.send(Buffer.concat([produce(1), produce(2), produce(3), heartbeat(4)]));
    await expect.poll(() => waits.length).toBe(3);
    for (const answer of waits.reverse()) answer();
    for (const expected of [1, 2, 3, 4]) expect(correlationOf(await client.next())).toBe(expected);
  });

  it('sends nothing for a request without an answer', async () => {
    const client = await (
      await start({ produce: ({ acks }) => (acks === 0 ? null : { responses: [] }) })
    ).client();
    client.send(Buffer.concat([produce(1, 0), produce(2, 1)]));
    expect(correlationOf(await client.next())).toBe(2);
  });

  it('reads requests that arrive byte by byte', async () => {
    const client = await (await start({ heartbeat: () => ({ errorCode: 0 }) })).client();
    for (const byte of Buffer.concat([heartbeat(1), heartbeat(2)])) client.send(Buffer.from([byte]));
    expect(correlationOf(await client.next())).toBe(1);
    expect(correlationOf(await client.next())).toBe(2);
  });

  it('does not keep another from being served', async () => {
    const { client } = await start({
      heartbeat: ({ generationId }) => (generationId === 9 ? new Promise(() => undefined) : { errorCode: 0 }),
    });
    const [stuck, other] = [await client(), await client()];
    stuck.send(heartbeat(1, 9));
    other.send(heartbeat(2));
    expect(correlationOf(await other.next())).toBe(2);
  });

  it('passes large bytes on as they are', async () => {
    const records = Buffer.alloc(3_000_000, 7);
    const client = await (
      await start({
        fetch: () => ({
          responses: [
            {
              topic: 't',
              partitions: [
                {
                  partitionIndex: 0,
                  errorCode: 0,
                  highWatermark: 1,
                  records: [records.subarray(0, 5), records.subarray(5)],
                },
              ],
            },
          ],
        }),
      })
    ).client();
    client.send(
      request('fetch', 12, 1, {
        ...{
          clusterId: null,
          replicaId: -1,
          maxWaitMs: 0,
          minBytes: 0,
          maxBytes: 0,
          isolationLevel: 0,
          sessionId: 0,
        },
        ...{ sessionEpoch: -1, topics: [], forgottenTopicsData: [], rackId: '' },
      }),
    );
    const { response } = decodeResponse(apis.fetch, 12, (await client.next()) ?? Buffer.alloc(0));
    const received = response.responses[0]?.partitions[0]?.records;
    expect(Buffer.isBuffer(received) && received.equals(records)).toBe(true);
  });
});

describe('a request that cannot be served', () => {
  const unknownApi = heartbeat(1);
  unknownApi.writeInt16BE(999, 4);
  const unknownVersion = heartbeat(1);
  unknownVersion.writeInt16BE(99, 6);
  const tooLarge = Buffer.from([0x7f, 0xff, 0xff, 0xff, 0, 0]);
  const negative = Buffer.from([0xff, 0xff, 0xff, 0xff]);
  const cutShort = Buffer.from([0, 0, 0, 12, 0, 12, 0, 4, 0, 0, 0, 1, 0, 50, 1, 2]);

  it.each([
    ['of an API that is not served', unknownApi],
    ['in a version that is not served', unknownVersion],
    ['larger than any may be', tooLarge],
    ['of a negative size', negative],
    ['shorter than it says', cutShort],
    ['that is HTTP', Buffer.from('GET / HTTP/1.1\r\nHost: broker\r\n\r\n')],
    ['that is a TLS hello', Buffer.from('16030100f8010000f40303', 'hex')],
  ])('%s closes its connection, with a line in the log, and no other', async (_, bytes) => {
    const { client, lines } = await start({ heartbeat: () => ({ errorCode: 0 }) });
    const [bad, good] = [await client(), await client()];
    bad.send(bytes);
    expect(await bad.next()).toBeUndefined();
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(/^connection of 127\.0\.0\.1:\d+ closed: /);
    good.send(heartbeat(5));
    expect(correlationOf(await good.next())).toBe(5);
  });

  it('because its handler failed gets an error code where its answer has one', async () => {
    const failure = new Error('the disk is full');
    const { client, errors } = await start({
      heartbeat: () => {
        throw failure;
      },
      initProducerId: () => Promise.reject(new ProtocolError(errorCodes.PRODUCER_FENCED)),
    });
    const one = await client();
    one.send(heartbeat(1));
    expect(decodeResponse(apis.heartbeat, 4, (await one.next()) ?? Buffer.alloc(0)).response.errorCode).toBe(
      errorCodes.UNKNOWN_SERVER_ERROR,
    );
    expect(errors).toEqual([failure]);
    one.send(
      request('initProducerId', 4, 2, {
        transactionalId: 't',
        transactionTimeoutMs: 1,
        producerId: -1,
        producerEpoch: -1,
      }),
    );
    const { response } = decodeResponse(apis.initProducerId, 4, (await one.next()) ?? Buffer.alloc(0));
    expect(response.errorCode).toBe(errorCodes.PRODUCER_FENCED);
    expect(errors).toHaveLength(1);
  });

  it('because its handler failed closes the connection where its answer has no error code', async () => {
    const { client } = await start({ createTopics: () => Promise.reject(new Error('no')) });
    const one = await client();
    one.send(request('createTopics', 7, 1, { topics: [], timeoutMs: 1, validateOnly: false }));
    expect(await one.next()).toBeUndefined();
  });
});
