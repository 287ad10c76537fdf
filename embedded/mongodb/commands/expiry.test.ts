import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { docOf, int32 } from '../documents/value.ts';
import { encodeDocument } from '../documents/write.ts';
import { Catalogue } from '../storage/catalogue.ts';
import { insertDocument } from '../storage/documents.ts';
import { Store } from '../storage/store.ts';
import { Expiry } from './expiry.ts';
import type { Value } from '../documents/value.ts';

test('documents go when the date in the field of a TTL index is past its time; other values stay', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'embedded-mongodb-'));
  const store = new Store(folder);
  const catalogue = new Catalogue(store);
  store.onCommit(
    () => {
      catalogue.flush();
    },
    () => {
      catalogue.load();
    },
  );
  const at: Value[] = [
    new Date(1_000),
    [new Date(5_000_000), new Date(2_000)],
    new Date(5_000_000),
    'text',
    null,
  ];
  const collection = await store.write(() => {
    const made = catalogue.create('db', 'sessions');
    made.indexes = [
      {
        id: catalogue.nextId(),
        name: 'at_1',
        key: docOf({ at: int32(1) }),
        pattern: [['at', 1]],
        unique: false,
        sparse: false,
        expireAfterSeconds: 60,
        multikey: false,
        shortened: false,
      },
    ];
    for (const [id, value] of at.entries()) {
      const doc = docOf({ _id: int32(id), at: value });
      insertDocument({ store, catalogue }, made, int32(id), encodeDocument(doc), doc);
    }
    return made;
  });
  const expiry = new Expiry({ store, catalogue });
  await expiry.run(new Date(61_000));
  expect(collection.count).toBe(5);
  await expiry.run(new Date(61_001));
  expect(collection.count).toBe(4);
  await expiry.run(new Date(1_000_000));
  expect(collection.count).toBe(3);
  await store.close();
  rmSync(folder, { recursive: true });
});
