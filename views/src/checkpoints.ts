// Where a reader of the log stands, kept beside what it wrote: the collection `checkpoints`, one document per generation of a
// projection (`orders.g1`) or reactor (`reactor.fulfilment`). A checkpoint is saved after the work it stands for, so a crash
// in between repeats work and loses none. It is saved with the journal flushed: what was written before it is durable too.
import { MongoServerError, type Collection, type Db } from 'mongodb';
import { durable } from './database.ts';

/** How far a reader has come. */
export interface CheckpointDocument {
  readonly _id: string;
  /** Next offset to read, by partition: `{'orders-3': 1842}`. */
  readonly positions: Readonly<Record<string, number>>;
  /** End of the partition when it was last fetched; `end - position` is the lag in offsets, as of `updatedAt`. */
  readonly ends: Readonly<Record<string, number>>;
  readonly updatedAt: Date;
}

/** The checkpoints of projections and reactors. */
export const checkpointsCollection = (db: Db): Collection<CheckpointDocument> => db.collection('checkpoints');

/** How far one partition has been handled. */
export interface PartitionProgress {
  /** `orders-3`. */
  readonly partition: string;
  /** Next offset to read. */
  readonly nextOffset: number;
  /** End of the partition when it was last fetched. */
  readonly endOffset: number;
}

/** Loads and saves checkpoints by id. */
export interface CheckpointStore {
  /** The next offset to read by partition; empty when there is no checkpoint yet. */
  load(id: string): Promise<ReadonlyMap<string, number>>;
  /** Saves one partition's progress; other partitions of the checkpoint stay as they are. */
  save(id: string, progress: PartitionProgress): Promise<void>;
}

const duplicateKey = 11_000;

/** The checkpoints of a database. */
export function createCheckpointStore(db: Db): CheckpointStore {
  const collection = checkpointsCollection(db);
  return {
    async load(id) {
      const checkpoint = await collection.findOne({ _id: id });
      return new Map(Object.entries(checkpoint?.positions ?? {}));
    },
    async save(id, { partition, nextOffset, endOffset }) {
      const update = {
        $set: {
          [`positions.${partition}`]: nextOffset,
          [`ends.${partition}`]: endOffset,
          updatedAt: new Date(),
        },
      };
      try {
        await collection.updateOne({ _id: id }, update, { upsert: true, writeConcern: durable });
      } catch (error) {
        // Two partitions' first saves at the same time: both found nothing, one inserted. It is there now.
        if (!(error instanceof MongoServerError) || error.code !== duplicateKey) throw error;
        await collection.updateOne({ _id: id }, update, { writeConcern: durable });
      }
    },
  };
}

/** Reads several checkpoints at once, by id; one that does not exist is absent. */
export async function readCheckpoints(
  db: Db,
  ids: readonly string[],
): Promise<ReadonlyMap<string, CheckpointDocument>> {
  const found = await checkpointsCollection(db)
    .find({ _id: { $in: [...ids] } })
    .toArray();
  return new Map(found.map((checkpoint) => [checkpoint._id, checkpoint]));
}

/** The sum of offsets that a checkpoint is behind the ends it saw; 0 without a checkpoint. */
export const checkpointLag = (checkpoint: CheckpointDocument | undefined): number =>
  Object.entries(checkpoint?.ends ?? {}).reduce(
    (lag, [partition, end]) => lag + Math.max(0, end - (checkpoint?.positions[partition] ?? 0)),
    0,
  );
