import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { journalEvent } from '../testing/journal-event.ts';
import { openLiveStream, type StreamState } from './live-stream.ts';

class FakeEventSource extends EventTarget {
  static readonly CLOSED = 2;
  static readonly opened: FakeEventSource[] = [];
  readyState = 0;
  onopen: (() => void) | null = null;
  onerror: (() => void) | null = null;
  readonly url: string;

  constructor(url: string) {
    super();
    this.url = url;
    FakeEventSource.opened.push(this);
  }

  open(): void {
    this.readyState = 1;
    this.onopen?.();
  }

  fail({ forGood }: { forGood: boolean }): void {
    this.readyState = forGood ? FakeEventSource.CLOSED : 0;
    this.onerror?.();
  }

  say(type: string, data: unknown, lastEventId: string): void {
    this.dispatchEvent(new MessageEvent(type, { data: JSON.stringify(data), lastEventId }));
  }

  close(): void {
    this.readyState = FakeEventSource.CLOSED;
  }
}

const states: StreamState[] = [];
const events: string[] = [];
let projectionChanges = 0;

const open = (): (() => void) =>
  openLiveStream({
    onJournal: ({ eventId }) => events.push(eventId),
    onProjections: () => (projectionChanges += 1),
    onState: (state) => states.push(state),
  });
const latest = (): FakeEventSource => {
  const source = FakeEventSource.opened.at(-1);
  if (source === undefined) throw new Error('No stream was opened.');
  return source;
};

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal('EventSource', FakeEventSource);
  FakeEventSource.opened.length = 0;
  states.length = 0;
  events.length = 0;
  projectionChanges = 0;
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe('the live stream', () => {
  it('passes on events, and that projections have changed', () => {
    open();
    latest().open();
    latest().say('journal', journalEvent({ type: 'OrderPaid', eventId: 'e-1' }), 'orders-0@1');
    latest().say('projections', [], '');
    expect({ states, events, projectionChanges }).toEqual({
      states: ['connecting', 'open'],
      events: ['e-1'],
      projectionChanges: 1,
    });
  });

  it('leaves a broken connection to the browser, and says that it is lost', () => {
    open();
    latest().open();
    latest().fail({ forGood: false });
    vi.advanceTimersByTime(60_000);
    expect(FakeEventSource.opened).toHaveLength(1);
    expect(states.at(-1)).toBe('lost');
  });

  it('opens another after a refusal, from where it was, ever more patiently', () => {
    open();
    latest().open();
    latest().say('journal', journalEvent({ type: 'OrderPaid' }), 'orders-0@1,stock-2@5');
    latest().fail({ forGood: true });
    vi.advanceTimersByTime(500);
    expect(latest().url).toBe('/query-api/v1/stream?lastEventId=orders-0%401%2Cstock-2%405');
    latest().fail({ forGood: true });
    vi.advanceTimersByTime(500);
    expect(FakeEventSource.opened).toHaveLength(2);
    vi.advanceTimersByTime(500);
    expect(FakeEventSource.opened).toHaveLength(3);
  });

  it('stays closed once closed', () => {
    const close = open();
    latest().fail({ forGood: true });
    close();
    vi.advanceTimersByTime(60_000);
    expect(FakeEventSource.opened).toHaveLength(1);
  });
});
