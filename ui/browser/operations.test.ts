// The rest of the panel in a real browser: stock, the live journal, projections, a lost connection.
import { describe, expect, it } from 'vitest';
import { hasBrowser, stepsOf, usePanel } from './panel.ts';

const panel = usePanel();

/** Something happens in the shop, somewhere else. */
function happen(commandId: string, delta = 1): void {
  const { state } = panel.shop;
  const item = state.stock.get('CUP-RAKU');
  if (item === undefined) throw new Error('The shop has no cups.');
  const event = state.append(
    { type: 'StockAdjusted', key: 'CUP-RAKU', data: { delta, reason: 'received', note: commandId } },
    { commandId, correlationId: commandId, actor: 'test' },
  );
  state.setStock(item, item.onHand + delta, item.reserved, event);
}

describe.skipIf(!hasBrowser)('stock', () => {
  it('is registered on a page of its own', async () => {
    const page = await panel.open('/stock/new');
    await page.getByRole('button', { name: 'Register an item' }).click();
    expect(await page.getByText('This is needed.').count()).toBe(2);
    await page.getByLabel('SKU').fill('TEA-OOLONG');
    await page.getByLabel('Name').fill('Oolong');
    await page.getByLabel('Price of one').fill('18.20');
    await page.getByRole('button', { name: 'Register an item' }).click();
    await page.getByRole('heading', { name: 'Oolong', level: 1 }).waitFor();
    await page.getByText(/visible after/).waitFor();
    expect(await stepsOf(page)).toMatch(
      /Register stock item Accepted .*event at stock-\d@\d+.*visible after \d+ ms/,
    );
    expect(panel.shop.state.stock.get('TEA-OOLONG')).toMatchObject({ unitPrice: 1820, onHand: 10 });
  });

  it('is adjusted in a drawer, with what it comes to, and the focus goes back', async () => {
    const page = await panel.open('/stock');
    const button = page.getByRole('button', { name: 'Adjust Raku cup' });
    await button.click();
    const drawer = page.getByRole('dialog', { name: 'Adjust Raku cup' });
    await drawer.getByLabel('Reason').selectOption('damaged');
    await drawer.getByLabel('Difference').fill('-5');
    await drawer.getByText('On hand afterwards: 20').waitFor();
    await drawer.getByRole('button', { name: 'Adjust' }).click();
    await drawer.getByText(/visible after/).waitFor();
    await page.keyboard.press('Escape');
    await drawer.waitFor({ state: 'detached' });
    await page
      .getByRole('row', { name: /Raku cup/ })
      .getByRole('cell', { name: '20', exact: true })
      .first()
      .waitFor();
    await expect.poll(() => button.evaluate((element) => element === document.activeElement)).toBe(true);
  });

  it('below what is reserved is refused, and says why', async () => {
    const item = panel.shop.state.stock.get('CUP-RAKU');
    if (item) item.reserved = 4;
    panel.expectErrors(/422/);
    const page = await panel.open('/stock/CUP-RAKU');
    await page.getByRole('button', { name: 'Adjust', exact: true }).click();
    const drawer = page.getByRole('dialog');
    await drawer.getByLabel('Reason').selectOption('counted');
    await drawer.getByLabel('Counted figure').fill('3');
    await drawer.getByRole('button', { name: 'Adjust' }).click();
    await drawer.getByRole('alert').getByText('4 are reserved; on hand may not go below that.').waitFor();
  });

  it('has a history and a price that can be changed', async () => {
    happen('before');
    const page = await panel.open('/stock/CUP-RAKU');
    await page.getByRole('img', { name: /over the last 2 changes/ }).waitFor();
    await page.getByRole('button', { name: 'Change price' }).click();
    await page.getByLabel('New price (EUR)').fill('30');
    await page.getByRole('dialog').getByRole('button', { name: 'Change price' }).click();
    await page
      .getByRole('dialog')
      .getByText(/visible after/)
      .waitFor();
    await page.keyboard.press('Escape');
    await page.getByText('CUP-RAKU · €30.00').waitFor();
  });
});

describe.skipIf(!hasBrowser)('the journal', () => {
  it('grows at the top while the reader is not in it; paused, events wait in a bar', async () => {
    const page = await panel.open('/events');
    const rows = page.getByRole('table', { name: 'Events' }).locator('tbody tr');
    await expect.poll(() => rows.count()).toBe(4);
    await page.getByText('New events come in at the top.').waitFor();
    happen('first');
    await rows.first().getByText(/first/).waitFor();
    await page.getByRole('button', { name: 'Pause' }).click();
    happen('second');
    happen('third');
    const bar = page.getByRole('button', { name: '2 new: show' });
    await bar.waitFor();
    expect(await rows.count()).toBe(5);
    await bar.click();
    await expect.poll(() => rows.count()).toBe(7);
    await rows.first().getByText(/third/).waitFor();
  });

  it('holds still under the reader', async () => {
    const page = await panel.open('/events');
    const rows = page.getByRole('table', { name: 'Events' }).locator('tbody tr');
    await page.getByText('New events come in at the top.').waitFor();
    await rows.nth(1).hover();
    happen('meanwhile');
    await page.getByRole('button', { name: '1 new: show' }).waitFor();
    expect(await rows.count()).toBe(4);
  });

  it('filters what is there and what comes, by its address', async () => {
    const page = await panel.open('/events?key=TEA-ASSAM-250');
    const rows = page.getByRole('table', { name: 'Events' }).locator('tbody tr');
    await expect.poll(() => rows.count()).toBe(1);
    await page.getByText('New events come in at the top.').waitFor();
    happen('other item');
    await page.getByLabel('Key').fill('');
    await page.getByLabel('Key').press('Enter');
    await page.waitForURL(/\/events$/);
    await expect.poll(() => rows.count()).toBe(5);
    await page.getByLabel('Topic').selectOption('orders');
    await page.getByText('No event matches').waitFor();
  });

  it('shows one event with its headers and schema', async () => {
    const page = await panel.open('/events');
    await page
      .getByRole('link', { name: /^stock-\d@0$/ })
      .first()
      .click();
    await page.getByRole('heading', { name: 'StockItemRegistered', level: 1 }).waitFor();
    expect(await page.getByRole('region', { name: 'Schema' }).innerText()).toContain(
      'stock-shop.stock.StockItemRegistered',
    );
    expect(await page.getByRole('region', { name: 'Headers' }).innerText()).toContain(
      'a command from outside',
    );
    expect(await page.getByRole('region', { name: 'Data' }).innerText()).toContain('"lowStockThreshold"');
  });
});

describe.skipIf(!hasBrowser)('a rebuild', () => {
  it('is behind a dialog that says what it does, and shows how far it is', async () => {
    const page = await panel.open('/projections');
    await page.getByRole('button', { name: 'Rebuild… orders' }).click();
    const dialog = page.getByRole('dialog', { name: 'Rebuild orders' });
    await dialog
      .getByText('4 events will be read from the beginning into a new generation, orders.g2.')
      .waitFor();
    await dialog.getByText(/no mail is sent/).waitFor();
    await dialog.getByRole('button', { name: 'Rebuild now' }).click();
    await dialog.waitFor({ state: 'detached' });
    await page.getByRole('progressbar', { name: /Building generation 2/ }).waitFor();
    const button = page.getByRole('button', { name: 'Rebuild… orders' });
    expect(await button.getAttribute('aria-disabled')).toBe('true');
    await page.getByText('A rebuild is running already.').waitFor();
    await page.getByText('orders.g2').waitFor();
    await expect.poll(() => button.getAttribute('aria-disabled')).toBeNull();
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
    happen('while away');
    panel.shop.stream.up = true;
    await page.getByText('The connection is back; everything is up to date.').waitFor();
    await page
      .getByText(/while away/)
      .first()
      .waitFor();
    expect(await page.getByText(/while away/).count()).toBe(1);
  });
});

describe.skipIf(!hasBrowser)('the overview', () => {
  it('draws the system with live figures, and leads to the pages behind them', async () => {
    const page = await panel.open('/');
    await page.getByRole('link', { name: /^Kafka, 4 events/ }).waitFor();
    await page.getByRole('link', { name: /^Projectors, up to date, 4 of 4 running/ }).waitFor();
    happen('one');
    await page.getByRole('link', { name: 'stock, 1 / min' }).waitFor();
    await page.getByRole('link', { name: 'Low in stock' }).click();
    await page.waitForURL(/\/stock\?low=true$/);
  });
});
