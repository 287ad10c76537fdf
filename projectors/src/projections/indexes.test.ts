// Every list of the query API is read along an index: the fields compared for equality, then the field sorted by, then `_id`.
import { describe, expect, it } from 'vitest';
import { notificationIndexes, type ProjectionName } from '@comptoir/views';
import { shopProjections } from './shop-projections.ts';

/** What the query API asks: `status placedAt` compares `status` and sorts by `placedAt`. */
const asked: Readonly<Record<ProjectionName | 'notifications', readonly string[]>> = {
  orders: ['placedAt', 'status placedAt', 'customer.id placedAt', 'lines.sku placedAt'],
  stock: ['name', 'low', 'low name'],
  sales: ['day', 'sku'],
  journal: ['time', 'topic time', 'type time', 'key time', 'correlationId time'],
  notifications: ['createdAt', 'orderId createdAt', 'status createdAt'],
};

const indexesOf = (view: string) =>
  shopProjections.find(({ name }) => name === view)?.indexes ?? notificationIndexes;

/** `status placedAt _id`; nothing when the last two do not run in one direction, since pages are read both ways. */
const fieldsOf = ({ key }: { readonly key: object }): string => {
  const [first, second] = Object.values(key).slice(-2) as unknown[];
  return first === second ? Object.keys(key).join(' ') : '';
};

describe.each(Object.entries(asked))('the view %s', (view, queries) => {
  it.each(queries)('has an index for %s', (query) => {
    expect(indexesOf(view).map(fieldsOf)).toContain(`${query} _id`);
  });
});

describe('the journal', () => {
  it.each(['log offset', 'topic key version'])(
    'has an index for %s, which is in no need of an id',
    (query) => {
      expect(indexesOf('journal').map(fieldsOf)).toContain(query);
    },
  );
});
