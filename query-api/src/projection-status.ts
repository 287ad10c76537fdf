// The state of every projection as callers see it: the registry document, how far each partition is behind, and how many
// documents the live generation holds. Ends of partitions are what the projectors saw at their last fetch; since all read
// the same topics, the furthest end that any of them saw is taken, so a projection that stands still shows its lag.
import {
  checkpointsCollection,
  generationName,
  readProjections,
  type CheckpointDocument,
  type ProjectionDocument,
} from '@comptoir/views';
import type { Db } from 'mongodb';
import { topicsRead } from './view-access.ts';

/** How far one partition is. */
export interface PartitionStatus {
  /** `orders-3`. */
  readonly partition: string;
  /** Next offset to read. */
  readonly position: number;
  readonly end: number;
  /** Offsets between the two; some may be markers of transactions. */
  readonly lag: number;
}

/** The state of one projection. */
export type ProjectionStatus = Omit<ProjectionDocument, '_id' | '_rev'> & {
  readonly name: string;
  readonly lag: {
    readonly events: number;
    /** Until it has caught up at the present rate, s; null while that is unknown. */
    readonly seconds: number | null;
  };
  readonly partitions: readonly PartitionStatus[];
  /** In the live generation. */
  readonly documents: number;
};

const byPartition = (a: string, b: string): number => a.localeCompare(b, 'en', { numeric: true });

/** The furthest end of every partition that any reader has seen. */
export function furthestEnds(checkpoints: readonly CheckpointDocument[]): ReadonlyMap<string, number> {
  const ends = new Map<string, number>();
  for (const { ends: seen, positions } of checkpoints) {
    for (const [partition, end] of [...Object.entries(seen), ...Object.entries(positions)]) {
      ends.set(partition, Math.max(ends.get(partition) ?? 0, end));
    }
  }
  return ends;
}

const topicOf = (partition: string): string => partition.slice(0, partition.lastIndexOf('-'));

/** How far a projection's live generation is in every partition that it reads. */
export function partitionsOf(
  name: string,
  checkpoint: CheckpointDocument | undefined,
  ends: ReadonlyMap<string, number>,
): PartitionStatus[] {
  const topics: readonly string[] = Object.entries(topicsRead).find(([view]) => view === name)?.[1] ?? [];
  const known = new Set([...Object.keys(checkpoint?.positions ?? {}), ...ends.keys()]);
  return [...known]
    .filter((partition) => topics.includes(topicOf(partition)))
    .toSorted(byPartition)
    .map((partition) => {
      const position = checkpoint?.positions[partition] ?? 0;
      const end = Math.max(ends.get(partition) ?? 0, position);
      return { partition, position, end, lag: end - position };
    });
}

function status(
  { _id: name, _rev: _ignored, ...registry }: ProjectionDocument,
  partitions: readonly PartitionStatus[],
  documents: number,
): ProjectionStatus {
  const events = partitions.reduce((sum, { lag }) => sum + lag, 0);
  const { ratePerSecond } = registry;
  const seconds = events === 0 ? 0 : ratePerSecond > 0 ? Math.ceil(events / ratePerSecond) : null;
  return { name, ...registry, lag: { events, seconds }, partitions, documents };
}

/** The state of every projection that any projector has ever run, by name. */
export async function readProjectionStatus(db: Db): Promise<ProjectionStatus[]> {
  const [projections, checkpoints] = await Promise.all([
    readProjections(db),
    checkpointsCollection(db).find().toArray(),
  ]);
  const ends = furthestEnds(checkpoints);
  return Promise.all(
    projections.map(async (projection) => {
      const collection = generationName(projection._id, projection.live);
      const checkpoint = checkpoints.find(({ _id }) => _id === collection);
      const documents = await db.collection(collection).estimatedDocumentCount();
      return status(projection, partitionsOf(projection._id, checkpoint, ends), documents);
    }),
  );
}
