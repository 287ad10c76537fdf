// What operators look at, in a real browser: notifications, projections and their rebuild, the overview, a new version.
import { describe, expect, it } from 'vitest';
import { orderIsPlaced, stockComesIn } from './elsewhere.ts';
import { hasBrowser, usePanel } from './panel.ts';

const panel = usePanel();

describe.skipIf(!hasBrowser)('notifications', () => {
  it('say what was sent to whom, why, and for which event', async () => {
    orderIsPlaced(panel.shop, '0f8fad5b-d9cb-469f-a165-70867728950e');
    orderIsPlaced(panel.shop, '7c9e6679-7425-40de-944b-e07fc1f90ae7', { lines: [['CUP-RAKU', 999, 2800]] });
    const page = await panel.open('/notifications');
    const rows = page.getByRole('table', { name: 'Notifications' }).locator('tbody tr');
    await expect.poll(() => rows.count()).toBe(2);
    const confirmed = page.getByRole('row', { name: /Your order is confirmed/ });
    await confirmed.getByText('Recorded').waitFor();
    await confirmed.getByText('Your order is confirmed').click();
    const drawer = page.getByRole('dialog', { name: 'Your order is confirmed' });
    await drawer.getByText(/Dear Ada Marchand/).waitFor();
    await page.keyboard.press('Escape');
    await confirmed.getByRole('link', { name: 'OrderConfirmed' }).click();
    await page.getByRole('heading', { name: 'OrderConfirmed', level: 1 }).waitFor();
  });

  it('are filtered by state and order, in the address', async () => {
    orderIsPlaced(panel.shop, '0f8fad5b-d9cb-469f-a165-70867728950e');
    const page = await panel.open('/notifications?status=failed');
    await page.getByText('No notification matches').waitFor();
    await page.getByLabel('State').selectOption('recorded');
    await page.waitForURL(/status=recorded/);
    await page.getByRole('row', { name: /Your order is confirmed/ }).waitFor();
  });
});

describe.skipIf(!hasBrowser)('a rebuild', () => {
  it('is behind a dialog that says what it does, and shows how far it is', async () => {
    const page = await panel.open('/projections');
    await page.getByRole('button', { name: 'Rebuild… stock' }).click();
    const dialog = page.getByRole('dialog', { name: 'Rebuild stock' });
    await dialog
      .getByText('4 offsets of the log will be read from the beginning into a new generation, stock.g2.')
      .waitFor();
    await dialog.getByText(/no mail is sent/).waitFor();
    await dialog.getByRole('button', { name: 'Rebuild now' }).click();
    await dialog.waitFor({ state: 'detached' });
    await page.getByRole('progressbar', { name: /Building generation 2/ }).waitFor();
    const button = page.getByRole('button', { name: 'Rebuild… stock' });
    expect(await button.getAttribute('aria-disabled')).toBe('true');
    await page.getByText('A rebuild is running already.').waitFor();
    await page.getByText('stock.g2').waitFor();
    await expect.poll(() => button.getAttribute('aria-disabled')).toBeNull();
    await page.getByRole('link', { name: 'stock', exact: true }).click();
    await page.getByRole('heading', { name: 'stock', level: 1 }).waitFor();
    const generations = page.getByRole('table', { name: 'Generations' });
    await generations.getByRole('row', { name: /stock\.g2 Live/ }).waitFor();
    await generations.getByRole('row', { name: /stock\.g1 Kept/ }).waitFor();
    await page.getByRole('row', { name: /^stock-2/ }).waitFor();
  });

  it('that runs already is refused, and says why', async () => {
    panel.expectErrors(/409/);
    const page = await panel.open('/projections/stock');
    await page.getByRole('button', { name: 'Rebuild…' }).click();
    const dialog = page.getByRole('dialog', { name: 'Rebuild stock' });
    await dialog.getByText(/into a new generation/).waitFor();
    await fetch(`${panel.shop.address}/query-api/v1/projections/stock/rebuild`, { method: 'POST' });
    await dialog.getByRole('button', { name: 'Rebuild now' }).click();
    await dialog
      .getByRole('alert')
      .getByText(/is being built already/)
      .waitFor();
  });
});

describe.skipIf(!hasBrowser)('a new version of the panel', () => {
  it('is taken when a page of the old one is gone', async () => {
    panel.expectErrors(/Failed to|404|preload/);
    const page = await panel.open('/');
    const chunk = /assets\/NotificationsPage-.*\.js$/;
    await page.route(chunk, (route) => route.fulfill({ status: 404 }), { times: 1 });
    const reloaded = page.waitForEvent('load');
    await page.getByRole('link', { name: 'Notifications' }).click();
    await reloaded;
    await page.getByRole('link', { name: 'Notifications' }).click();
    await page.getByRole('heading', { name: 'Notifications', level: 1 }).waitFor();
  });
});

describe.skipIf(!hasBrowser)('the overview', () => {
  it('draws the system with live figures, and leads to the pages behind them', async () => {
    const page = await panel.open('/');
    await page.getByRole('link', { name: /^Kafka, 4 events/ }).waitFor();
    await page.getByRole('link', { name: /^Projectors, up to date, 4 of 4 running/ }).waitFor();
    stockComesIn(panel.shop, 'one');
    await page.getByRole('link', { name: 'stock, 1 / min' }).waitFor();
    await page.getByRole('link', { name: 'Low in stock' }).click();
    await page.waitForURL(/\/stock\?low=true$/);
  });
});
