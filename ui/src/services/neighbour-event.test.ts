import { afterEach, describe, expect, it, vi } from 'vitest';
import { answerWith } from '../testing/answers.ts';
import { journalEvent } from '../testing/journal-event.ts';
import { RequestFailed } from './http.ts';
import { mostMarkers, neighbourEvent } from './neighbour-event.ts';

afterEach(() => {
  vi.unstubAllGlobals();
});

const marker = { status: 404, body: { title: 'Not Found', status: 404, code: 'event-not-found' } };
const here = { topic: 'orders', partition: 3, offset: 1841 };

describe('the event beside another', () => {
  it('is found behind the markers of transactions, which take offsets too', async () => {
    const event = journalEvent({ type: 'OrderPaid', partition: 3, offset: 1843 });
    const asked = answerWith(marker, { body: event });
    expect(await neighbourEvent(here, 1)).toEqual(event);
    expect(asked.map(({ url }) => url)).toEqual([
      '/query-api/v1/journal/orders/3/1842',
      '/query-api/v1/journal/orders/3/1843',
    ]);
  });

  it('is not looked for without end', async () => {
    const asked = answerWith(marker);
    expect(await neighbourEvent(here, 1)).toBeUndefined();
    expect(asked).toHaveLength(mostMarkers);
  });

  it('is not looked for before the beginning', async () => {
    const asked = answerWith(marker);
    expect(await neighbourEvent({ ...here, offset: 1 }, -1)).toBeUndefined();
    expect(asked.map(({ url }) => url)).toEqual(['/query-api/v1/journal/orders/3/0']);
  });

  it('is not taken to be missing when the journal cannot be read', async () => {
    answerWith({ status: 503, body: { title: 'Service Unavailable', status: 503 } });
    await expect(neighbourEvent(here, 1)).rejects.toBeInstanceOf(RequestFailed);
  });
});
