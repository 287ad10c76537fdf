// Stock in a real browser: registering, adjusting, prices.
import { describe, expect, it } from 'vitest';
import { stockComesIn } from './elsewhere.ts';
import { hasBrowser, stepsOf, usePanel } from './panel.ts';

const panel = usePanel();

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
    await drawer
      .getByRole('alert')
      .getByText(/25 pieces on hand and 4 of them reserved; 3 would not be enough/)
      .waitFor();
    expect(await drawer.getByLabel('Counted figure').inputValue()).toBe('3');
    expect(await drawer.getByRole('button', { name: 'Try again' }).count()).toBe(0);
  });

  it('has a history and a price that can be changed', async () => {
    stockComesIn(panel.shop, 'before');
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
