// Checkpoints in memory for tests.
import type { CheckpointStore, PartitionProgress } from '@comptoir/views';

export class MemoryCheckpoints implements CheckpointStore {
  readonly positions = new Map<string, Map<string, number>>();
  readonly saved: PartitionProgress[] = [];

  load(id: string): Promise<ReadonlyMap<string, number>> {
    return Promise.resolve(new Map(this.positions.get(id)));
  }

  save(id: string, progress: PartitionProgress): Promise<void> {
    this.saved.push(progress);
    const positions = this.positions.get(id) ?? new Map<string, number>();
    this.positions.set(id, positions.set(progress.partition, progress.nextOffset));
    return Promise.resolve();
  }

  at(id: string, partition: string): number | undefined {
    return this.positions.get(id)?.get(partition);
  }
}
