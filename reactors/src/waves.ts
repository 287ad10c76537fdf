// How a batch of events is cut so that much travels together and nothing overtakes: wave n holds the n-th reaction of every
// ordering key. A wave is delivered whole before the next one starts, so within a key reactions follow one another, while
// different keys go side by side. A batch of events of different keys is one wave.
import type { RecordedEvent } from '@comptoir/event-log';
import { reactionsTo, type Reactor } from './reactor.ts';

/** An event and what a reactor asks for because of it: at least one thing. */
export interface Reaction<Out> {
  readonly event: RecordedEvent;
  readonly outputs: readonly Out[];
}

/** The waves of a batch. Events that need no reaction take no place in them. */
export function toWaves<Out>(reactor: Reactor<Out>, events: readonly RecordedEvent[]): Reaction<Out>[][] {
  const waves: Reaction<Out>[][] = [];
  const waveOfKey = new Map<string, number>();
  for (const event of events) {
    const outputs = reactionsTo(reactor, event);
    if (outputs.length === 0) continue;
    const key = reactor.orderingKey?.(event) ?? event.key;
    const number = waveOfKey.get(key) ?? 0;
    waveOfKey.set(key, number + 1);
    const wave = waves[number];
    if (wave === undefined) waves.push([{ event, outputs }]);
    else wave.push({ event, outputs });
  }
  return waves;
}
