import { describe, expect, it } from 'vitest';
import { addressedBy, pagesNamed, type Place } from './find.ts';

const pages: readonly Place[] = [
  { kind: 'page', label: 'Orders', path: '/orders' },
  { kind: 'page', label: 'Stock', path: '/stock' },
];

describe('find', () => {
  it('knows pages by a part of their name', () => {
    expect(pagesNamed(' oRD ', pages).map(({ path }) => path)).toEqual(['/orders']);
    expect(pagesNamed('', pages)).toEqual(pages);
  });

  it('goes straight to an event by its position', () => {
    expect(addressedBy('orders-3@1841')).toEqual([
      { kind: 'event', label: 'orders-3@1841', path: '/events/orders/3/1841' },
    ]);
  });

  it('takes an id for an order, or for something that events mention', () => {
    const id = '0F8FAD5B-d9cb-469f-a165-70867728950e';
    expect(addressedBy(id).map(({ kind, path }) => [kind, path])).toEqual([
      ['order', '/orders/0f8fad5b-d9cb-469f-a165-70867728950e'],
      ['search', `/events?q=${id}`],
    ]);
  });

  it('looks for anything else in the journal, and for nothing without a text', () => {
    expect(addressedBy('Ada & Co')).toEqual([
      { kind: 'search', label: 'Ada & Co', path: '/events?q=Ada%20%26%20Co' },
    ]);
    expect(addressedBy('  ')).toEqual([]);
  });
});
