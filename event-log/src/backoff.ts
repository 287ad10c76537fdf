// Waiting times between attempts: each twice the one before, up to a bound, with a fifth of jitter so that many do not wait alike.

/** @param first the first wait in ms @param most the longest wait in ms @param attempts how many waits in all; no end by default */
export function* backoff({
  first,
  most,
  attempts = Infinity,
}: {
  first: number;
  most: number;
  attempts?: number;
}): Generator<number> {
  let wait = first;
  for (let n = 0; n < attempts; n++) {
    yield wait * (0.8 + 0.4 * Math.random());
    wait = Math.min(wait * 2, most);
  }
}
