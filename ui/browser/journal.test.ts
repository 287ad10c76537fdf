// The journal in a real browser: live, paused, filtered; one event; a connection that is lost and comes back.
import { describe, expect, it } from 'vitest';
import { stockComesIn } from './elsewhere.ts';
import { hasBrowser, usePanel } from './panel.ts';

const panel = usePanel();

describe.skipIf(!hasBrowser)('the journal', () => {
  it('grows at the top while the reader is not in it; paused, events wait in a bar', async () => {
    const page = await panel.open('/events');
    const rows = page.getByRole('table', { name: 'Events' }).locator('tbody tr');
    await expect.poll(() => rows.count()).toBe(4);
    await page.getByText('New events come in at the top.').waitFor();
    stockComesIn(panel.shop, 'first');
    await rows.first().getByText(/first/).waitFor();
    await page.getByRole('button', { name: 'Pause' }).click();
    stockComesIn(panel.shop, 'second');
    stockComesIn(panel.shop, 'third');
    const bar = page.getByRole('button', { name: '2 new: show' });
    await bar.waitFor();
    expect(await rows.count()).toBe(5);
    await bar.click();
    await expect.poll(() => rows.count()).toBe(7);
    await rows.first().getByText(/third/).waitFor();
    await page.getByRole('button', { name: 'Go on' }).click();
    stockComesIn(panel.shop, 'fourth');
    await rows
      .first()
      .getByText(/fourth/)
      .waitFor();
  });

  it('holds still under the reader', async () => {
    const page = await panel.open('/events');
    const rows = page.getByRole('table', { name: 'Events' }).locator('tbody tr');
    await page.getByText('New events come in at the top.').waitFor();
    await rows.nth(1).hover();
    stockComesIn(panel.shop, 'meanwhile');
    await page.getByRole('button', { name: '1 new: show' }).waitFor();
    expect(await rows.count()).toBe(4);
  });

  it('filters what is there and what comes, by its address', async () => {
    const page = await panel.open('/events?key=TEA-ASSAM-250');
    const rows = page.getByRole('table', { name: 'Events' }).locator('tbody tr');
    await expect.poll(() => rows.count()).toBe(1);
    await page.getByText('New events come in at the top.').waitFor();
    stockComesIn(panel.shop, 'other item');
    await page.getByLabel('Key').fill('');
    await page.getByLabel('Key').press('Enter');
    await page.waitForURL(/\/events$/);
    await expect.poll(() => rows.count()).toBe(5);
    await page.getByLabel('Topic').selectOption('orders');
    await page.getByText('No event matches').waitFor();
  });

  it('shows one event with its headers and schema, and leads to the next', async () => {
    const page = await panel.open('/events');
    await page.getByRole('link', { name: 'stock-2@0' }).click();
    await page.getByRole('heading', { name: 'StockItemRegistered', level: 1 }).waitFor();
    expect(await page.getByRole('region', { name: 'Schema' }).innerText()).toContain(
      'stock-shop.stock.StockItemRegistered',
    );
    expect(await page.getByRole('region', { name: 'Headers' }).innerText()).toContain(
      'a command from outside',
    );
    expect(await page.getByRole('region', { name: 'Data' }).innerText()).toContain('"lowStockThreshold"');
    await page.getByRole('button', { name: 'Event after' }).click();
    await page.waitForURL(/\/events\/stock\/2\/1$/);
    await page.getByRole('button', { name: 'Event before' }).click();
    await page.waitForURL(/\/events\/stock\/2\/0$/);
  });
});

describe.skipIf(!hasBrowser)('the connection', () => {
  it('that is lost says so, and comes back by itself without losing an event', async () => {
    panel.expectErrors(/503|ERR_/);
    const page = await panel.open('/events');
    await page.getByText('New events come in at the top.').waitFor();
    panel.shop.stream.up = false;
    panel.shop.stream.cut();
    await page.getByText('The connection is lost.').waitFor();
    stockComesIn(panel.shop, 'while away');
    panel.shop.stream.up = true;
    await page.getByText('The connection is back; everything is up to date.').waitFor();
    await page
      .getByText(/while away/)
      .first()
      .waitFor();
    expect(await page.getByText(/while away/).count()).toBe(1);
  });
});
