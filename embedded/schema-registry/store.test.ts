import { describe, expect, it } from 'vitest';
import { encode, type Change } from './records.ts';
import { openStore } from './store.ts';
import { memoryLog } from './testing/memory-log.ts';

const schema = (subject: string, id: number, text = `"${subject}"`): Change => ({
  kind: 'schema',
  value: { subject, version: 1, id, schema: text, references: [], deleted: false },
});

describe('the store', () => {
  it('is what the log says, and says it again after a restart', async () => {
    const log = memoryLog();
    const store = await openStore(log);
    await store.write('Test', () => ({
      changes: [schema('a', store.nextId()), schema('b', store.nextId())],
      answer: 0,
    }));
    await store.write('Test', () => ({
      changes: [{ kind: 'schema removed', subject: 'a', version: 1 }],
      answer: 0,
    }));
    for (const each of [store, await openStore(log)]) {
      expect(each.state().subjects('all')).toEqual(['b']);
      expect(each.state().highestId()).toBe(2);
    }
  });

  it('takes nothing for written that the log has not acknowledged', async () => {
    const log = memoryLog();
    const store = await openStore(log);
    log.fail = 'not written';
    const write = store.write('Test', () => ({ changes: [schema('a', store.nextId())], answer: 0 }));
    await expect(write).rejects.toMatchObject({ status: 500, code: 50002 });
    expect(store.state().subjects('all')).toEqual([]);
    // Away still: the next is not even tried.
    await expect(store.write('Test', () => ({ changes: [schema('b', 2)], answer: 0 }))).rejects.toMatchObject(
      { code: 50001 },
    );
    log.fail = 'no';
    await store.write('Test', () => ({ changes: [schema('a', store.nextId())], answer: 0 }));
    expect(store.state().version('a', 1)?.id).toBe(2);
    store.close();
  });

  it('finds what was written although it looked failed, before it writes again', async () => {
    const log = memoryLog();
    const store = await openStore(log);
    log.fail = 'written all the same';
    await expect(
      store.write('Test', () => ({ changes: [schema('a', store.nextId())], answer: 0 })),
    ).rejects.toThrow();
    log.fail = 'no';
    const seen = await store.write('Test', () => ({
      changes: [],
      answer: store.state().version('a', 1)?.id,
    }));
    expect(seen).toBe(1);
    expect(store.nextId()).toBe(2);
    store.close();
  });

  it('recovers by itself in the background', async () => {
    const log = memoryLog();
    const store = await openStore(log);
    log.fail = 'written all the same';
    await expect(store.write('Test', () => ({ changes: [schema('a', 1)], answer: 0 }))).rejects.toThrow();
    log.fail = 'no';
    await expect.poll(() => store.state().subjects('all'), { timeout: 5_000 }).toEqual(['a']);
    store.close();
  });

  it('follows the log when somebody else has written too', async () => {
    const log = memoryLog();
    const store = await openStore(log);
    log.records.push(encode(schema('theirs', 5)));
    await store.write('Test', () => ({ changes: [schema('ours', 9)], answer: 0 }));
    expect(store.state().subjects('all')).toEqual(['ours', 'theirs']);
    log.records.push(encode(schema('theirs too', 10)));
    // The same id for another schema: it has been written, but it does not count as taken.
    await expect(
      store.write('Test', () => ({ changes: [schema('mine', 10)], answer: 0 })),
    ).rejects.toMatchObject({ code: 50001 });
    store.close();
  });

  it('decides one write after the other', async () => {
    const store = await openStore(memoryLog());
    const answers = await Promise.all(
      Array.from({ length: 50 }, () =>
        store.write('Test', () => {
          const taken = store.state().version('a', 1);
          return {
            changes: taken === undefined ? [schema('a', store.nextId())] : [],
            answer: taken === undefined,
          };
        }),
      ),
    );
    expect(answers.filter(Boolean)).toHaveLength(1);
  });

  it('does not let writes wait without end', async () => {
    const store = await openStore(memoryLog());
    const writes = Array.from({ length: 1_200 }, () =>
      store.write('Test', () => ({ changes: [], answer: 0 })),
    );
    const outcomes = await Promise.allSettled(writes);
    expect(outcomes.filter(({ status }) => status === 'rejected')).toHaveLength(200);
  });
});
