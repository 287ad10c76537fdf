// Kafka interrupts its readers: while it starts, when members of a group come and go, when a broker is away. Most of it is over in a
// moment, and nobody wants to hear of it; what lasts is reported, and again from time to time.

/** An interruption that is over sooner is not reported. Milliseconds. */
const calmFor = 3_000;
/** One that lasts is reported again after this. Milliseconds. */
const repeatAfter = 10_000;

/** Says which errors of one reader are worth reporting. */
export class Interruption {
  #since: number | undefined;
  #reported = -Infinity;

  /** Reading goes on. */
  over(): void {
    this.#since = undefined;
    this.#reported = -Infinity;
  }

  /** Reading was interrupted, or is still. @returns whether to report it */
  note(now = Date.now()): boolean {
    this.#since ??= now;
    if (now < this.#since + calmFor || now < this.#reported + repeatAfter) return false;
    this.#reported = now;
    return true;
  }
}
