// How long to wait before a crashed process is started again: half a second, doubled every time up to half a minute; one that has
// run for a minute starts over.

const first = 500;
const longest = 30_000;
const steadyAfter = 60_000;

/** Counts the crashes of one process. Times in ms. */
export class BackOff {
  #next = first;

  /**
   * @param ranFor - how long the process ran
   * @returns how long to wait
   */
  afterCrash(ranFor: number): number {
    if (ranFor >= steadyAfter) this.#next = first;
    const wait = this.#next;
    this.#next = Math.min(longest, wait * 2);
    return wait;
  }
}
