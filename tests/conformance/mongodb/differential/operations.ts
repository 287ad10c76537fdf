// Generated operations: commands on one collection. A single document is written by its `_id` or by a sort that decides, since
// servers may choose freely among several that match.
import { Int32, type Document } from 'bson';
import fc, { type Arbitrary } from 'fast-check';
import { filters, projections, sorts } from './filters.ts';
import { pipelines } from './pipelines.ts';
import { replacements, updates } from './updates.ts';
import { bodies, paths, type Palette } from './values.ts';

/** A command whose first field names the collection; its value is filled in by `on`. */
export interface Operation {
  readonly command: Document;
  /** It may write several documents: how far it comes before an error is not decided. */
  readonly many: boolean;
  /** The order of what it answers is decided. */
  readonly ordered: boolean;
}

const run = (command: Document, { many = false, ordered = true } = {}): Operation => ({
  command,
  many,
  ordered,
});

const ids = fc.integer({ min: 0, max: 9 }).map((n) => new Int32(n));
const batchSize = 10_000;

/** Documents that a history begins with, `_id` 0, 1, …. */
export const collections = (palette: Palette): Arbitrary<Document[]> =>
  fc
    .array(bodies(palette), { minLength: 3, maxLength: 8 })
    .map((list) => list.map((body, n) => ({ _id: new Int32(n), ...body })));

const keys: Arbitrary<Document> = fc
  .uniqueArray(fc.tuple(paths, fc.constantFrom(1, -1)), {
    minLength: 1,
    maxLength: 2,
    selector: ([path]) => path.split('.')[0],
  })
  .map((fields) => Object.fromEntries(fields));

/** Indexes without and with promises. */
export const indexes: Arbitrary<Document> = fc
  .tuple(keys, fc.record({ unique: fc.boolean(), sparse: fc.boolean() }))
  .map(([key, { unique, sparse }]) => ({
    key,
    name: `${Object.entries(key).flat().join('_')}${unique ? '_u' : ''}${sparse ? '_s' : ''}`,
    ...(unique ? { unique } : {}),
    ...(sparse ? { sparse } : {}),
  }));

/** Operations of every kind. */
export function operations(palette: Palette): Arbitrary<Operation> {
  const filter = filters(palette);
  const byId = fc
    .tuple(ids, filter, fc.boolean())
    .map(([_id, more, alone]): Document => (alone ? { _id } : { $and: [{ _id }, more] }));
  const finds = fc
    .record(
      {
        filter,
        sort: sorts,
        projection: projections,
        skip: fc.integer({ min: 0, max: 3 }),
        limit: fc.integer({ min: 0, max: 4 }),
      },
      { requiredKeys: ['filter', 'sort'] },
    )
    .map((find) => run({ find: '', batchSize, ...find }));
  const update = updates(palette);
  return fc.oneof(
    { arbitrary: finds, weight: 10 },
    { arbitrary: filter.map((f) => run({ find: '', batchSize, filter: f }, { ordered: false })), weight: 3 },
    { arbitrary: filter.map((query) => run({ count: '', query })), weight: 2 },
    {
      arbitrary: fc
        .tuple(paths, filter)
        .map(([key, query]) => run({ distinct: '', key, query }, { ordered: false })),
      weight: 2,
    },
    {
      arbitrary: pipelines(palette).map((pipeline) =>
        run({ aggregate: '', pipeline, cursor: { batchSize } }, { ordered: false }),
      ),
      weight: 7,
    },
    {
      arbitrary: fc.tuple(byId, update).map(([q, u]) => run({ update: '', updates: [{ q, ...u }] })),
      weight: 9,
    },
    {
      arbitrary: fc
        .tuple(filter, update)
        .map(([q, u]) => run({ update: '', updates: [{ q, ...u, multi: true }] }, { many: true })),
      weight: 4,
    },
    {
      arbitrary: fc
        .tuple(ids, update)
        .map(([_id, u]) => run({ update: '', updates: [{ q: { _id }, ...u, upsert: true }] })),
      weight: 3,
    },
    {
      arbitrary: fc
        .tuple(ids, replacements(palette))
        .map(([_id, { u }]) => run({ update: '', updates: [{ q: { _id }, u, upsert: true }] })),
      weight: 3,
    },
    {
      arbitrary: fc.tuple(filter, sorts, update).map(([query, sort, { u, arrayFilters }]) =>
        run({
          findAndModify: '',
          query,
          sort,
          update: u,
          ...(arrayFilters === undefined ? {} : { arrayFilters }),
          new: true,
        }),
      ),
      weight: 3,
    },
    {
      arbitrary: fc
        .tuple(filter, sorts)
        .map(([query, sort]) => run({ findAndModify: '', query, sort, remove: true })),
      weight: 1,
    },
    {
      arbitrary: fc
        .tuple(ids, bodies(palette))
        .map(([_id, body]) => run({ insert: '', documents: [{ _id, ...body }] })),
      weight: 3,
    },
    { arbitrary: byId.map((q) => run({ delete: '', deletes: [{ q, limit: 1 }] })), weight: 1 },
    { arbitrary: indexes.map((index) => run({ createIndexes: '', indexes: [index] })), weight: 1 },
  );
}

/** The command with the name of its collection. */
export const on = (collection: string, { command }: Operation): Document => {
  const [first = ''] = Object.keys(command);
  return { ...command, [first]: collection };
};
