import { describe, expect, it } from 'vitest';
import { appendOlder, emptyFeed, type Feed, receive, reconcile, release, restart } from './live-rows.ts';

interface Row {
  readonly id: string;
  readonly at: number;
}
const row = (id: string, at = 0): Row => ({ id, at });
const keyOf = ({ id }: Row): string => id;
const ids = (rows: readonly Row[]): string => rows.map(keyOf).join('');

describe('a list that holds still', () => {
  it('changes rows in place', () => {
    const { rows, waiting } = reconcile([row('a', 1), row('b', 1)], [row('b', 2), row('a', 1)], keyOf);
    expect(rows).toEqual([row('a', 1), row('b', 2)]);
    expect(waiting).toBe(0);
  });

  it('lets newcomers wait', () => {
    const { rows, waiting } = reconcile([row('a')], [row('c'), row('b'), row('a')], keyOf);
    expect(ids(rows)).toBe('a');
    expect(waiting).toBe(2);
  });

  it('keeps a row that has gone until the reader asks', () => {
    const { rows, waiting } = reconcile([row('a'), row('b')], [row('b')], keyOf);
    expect(ids(rows)).toBe('ab');
    expect(waiting).toBe(1);
  });

  it('counts a newcomer that pushes another off a full page once', () => {
    expect(reconcile([row('b'), row('a')], [row('c'), row('b')], keyOf).waiting).toBe(1);
  });
});

describe('a feed', () => {
  const options = { keyOf, hold: false, cap: 3 };

  it('takes newcomers at the top, capped', () => {
    let feed: Feed<Row> = emptyFeed;
    for (const id of ['a', 'b', 'c', 'd']) feed = receive(feed, row(id), options);
    expect(ids(feed.rows)).toBe('dcb');
  });

  it('lets them wait while it is held, and shows all when asked', () => {
    let feed: Feed<Row> = { rows: [row('a')], waiting: [] };
    feed = receive(feed, row('b'), { ...options, hold: true });
    feed = receive(feed, row('c'), { ...options, hold: true });
    expect([ids(feed.rows), ids(feed.waiting)]).toEqual(['a', 'cb']);
    feed = release(feed, 3);
    expect([ids(feed.rows), ids(feed.waiting)]).toEqual(['cba', '']);
  });

  it('takes what waits along when it is no longer held', () => {
    const feed = receive({ rows: [row('a')], waiting: [row('b')] }, row('c'), options);
    expect([ids(feed.rows), ids(feed.waiting)]).toEqual(['cba', '']);
  });

  it('takes nothing twice', () => {
    const feed: Feed<Row> = { rows: [row('a')], waiting: [row('b')] };
    expect(receive(feed, row('a'), options)).toBe(feed);
    expect(receive(feed, row('b'), options)).toBe(feed);
    expect(ids(appendOlder(feed, [row('a'), row('z')], keyOf, 9).rows)).toBe('az');
  });

  it('starts anew from an answer, and keeps what came over the stream meanwhile', () => {
    const feed: Feed<Row> = { rows: [row('d', 4), row('b', 2)], waiting: [] };
    const wanted = (): boolean => true;
    const next = restart(feed, [row('c', 3), row('b', 2), row('a', 1)], {
      keyOf,
      timeOf: ({ at }) => at,
      wanted,
      cap: 9,
    });
    expect(ids(next.rows)).toBe('dcba');
  });
});
