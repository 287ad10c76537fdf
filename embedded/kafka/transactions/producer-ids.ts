// Producer ids, each given out once and never again: blocks of them are reserved in the store before the first is used, and what is
// left of a block is lost when the broker stops.
import type { CoordinatorStore } from '../groups/store.ts';
import { producerIdsEntry } from './records.ts';

/** As many as Kafka's brokers reserve at a time. */
const blockSize = 1000;

export class ProducerIds {
  readonly #store: CoordinatorStore;
  #next: number;
  /** First that is not reserved. */
  #end: number;
  #reserving: Promise<void> | undefined;

  /** @param next - first that has not been reserved or used before */
  constructor(store: CoordinatorStore, next: number) {
    this.#store = store;
    this.#next = next;
    this.#end = next;
  }

  /**
   * The next producer id.
   *
   * @throws what the store throws
   */
  async take(): Promise<number> {
    while (this.#next >= this.#end) {
      this.#reserving ??= this.#reserve();
      await this.#reserving;
    }
    return this.#next++;
  }

  async #reserve(): Promise<void> {
    const end = this.#end + blockSize;
    try {
      await this.#store.append([producerIdsEntry(end)]);
      this.#end = end;
    } finally {
      this.#reserving = undefined;
    }
  }
}
