import { describe, expect, it } from 'vitest';
import { UnreadableEventError } from '@comptoir/event-log';
import { createFailures } from './failures.ts';

const clock = (start = 0): { now: () => Date; pass: (milliseconds: number) => void } => {
  let at = start;
  return {
    now: () => new Date(at),
    pass: (milliseconds) => {
      at += milliseconds;
    },
  };
};

describe('failures of a runner', () => {
  it('count the attempts at one batch, and keep the instant of the first', () => {
    const { now, pass } = clock();
    const failures = createFailures(now);
    failures.note('orders-1', new Error('away'));
    pass(500);
    expect(failures.note('orders-1', new Error('still away'))).toMatchObject({
      message: 'still away',
      attempts: 2,
      at: new Date(0),
      ofEvent: false,
    });
    failures.clear('orders-1');
    expect(failures.worst()).toBeUndefined();
  });

  it('show an event that cannot be read before anything else, with its position', () => {
    const failures = createFailures();
    failures.note('orders-1', new Error('away'));
    failures.noteReading(new UnreadableEventError('the event at orders-3@1841 cannot be read: no schema 7'));
    expect(failures.worst()).toMatchObject({ position: 'orders-3@1841', ofEvent: true });
    failures.clear('orders-1');
    expect(failures.worst()).toMatchObject({ position: 'orders-3@1841' });
    failures.clear('orders-3');
    expect(failures.worst()).toBeUndefined();
  });

  it('take an error of reading to be over when it has not come again', () => {
    const { now, pass } = clock();
    const failures = createFailures(now);
    failures.noteReading(new Error('no broker answers'));
    expect(failures.worst()).toMatchObject({ message: 'no broker answers' });
    pass(31_000);
    expect(failures.worst()).toBeUndefined();
  });
});
