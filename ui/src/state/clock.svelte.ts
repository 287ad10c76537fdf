// The time of day for what is written relative to now. It ticks every 5 s, and only while somebody looks at it.
import { createSubscriber } from 'svelte/reactivity';

const subscribe = createSubscriber((update) => {
  const timer = setInterval(update, 5_000);
  return () => {
    clearInterval(timer);
  };
});

/** Now in epoch ms; reactive. */
export function currentTime(): number {
  subscribe();
  return Date.now();
}
