// Orders in a real browser: placing one that is confirmed, ones that are rejected, following and carrying them on.
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { orderIsPlaced } from './elsewhere.ts';
import { hasBrowser, stepsOf, usePanel } from './panel.ts';

const panel = usePanel();

async function add(page: Page, sku: string): Promise<void> {
  await page.getByLabel('Add an item').selectOption(sku);
}

async function place(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Place order' }).click();
  await page.waitForURL(/\/orders\/[0-9a-f-]{36}$/);
}

const badge = (page: Page, text: string) =>
  page.locator('header').getByText(text, { exact: true }).last().waitFor();

describe.skipIf(!hasBrowser)('placing an order', () => {
  it('shows the three steps with real times, and the order’s way to its confirmation', async () => {
    const page = await panel.open('/orders/new');
    await add(page, 'TEA-SENCHA-100');
    await add(page, 'CUP-RAKU');
    await page.getByLabel('Quantity of Raku cup').fill('2');
    expect(await page.locator('.total').first().innerText()).toBe('€68.50');
    await place(page);
    await page.getByText(/visible after/).waitFor();
    expect(await stepsOf(page)).toMatch(
      /Place order Accepted \d+ ms event at orders-\d@\d+ visible after \d+ ms/,
    );
    await badge(page, 'Awaiting payment');
    await page.getByRole('heading', { name: 'Timeline' }).waitFor();
    await page.getByRole('link', { name: 'OrderConfirmed' }).waitFor();
    const timeline = await page.getByRole('region', { name: 'Timeline' }).innerText();
    const story = [
      'PlaceOrder',
      'OrderPlaced',
      'ReserveStock',
      'StockReserved',
      'RecordReservation',
      'OrderConfirmed',
    ];
    expect(story.map((word) => timeline.indexOf(word))).toEqual(
      story.map((word) => timeline.indexOf(word)).toSorted((a, b) => a - b),
    );
    expect(timeline).toContain('Mail to ada@example.com');
  });

  it('for more than there is ends rejected, and says why', async () => {
    const page = await panel.open('/orders/new');
    await add(page, 'CUP-RAKU');
    await add(page, 'POT-CAST-IRON');
    await page.getByRole('button', { name: 'more than there is' }).last().click();
    await page.getByText(/Only 3 available: the line will be refused/).waitFor();
    await place(page);
    await badge(page, 'Rejected');
    await page.getByRole('table', { name: 'Lines' }).getByText('Only 3 available').waitFor();
    await page.getByText('Released', { exact: true }).waitFor();
    expect(await page.getByRole('region', { name: 'Facts' }).innerText()).toContain('Not enough in stock');
  });

  it('at a stale price ends rejected, with the price of now', async () => {
    const page = await panel.open('/orders/new');
    await add(page, 'TEA-ASSAM-250');
    await page.getByRole('button', { name: 'a stale price' }).click();
    expect(await page.getByLabel('Quoted price of Assam').inputValue()).toBe('13.41');
    await place(page);
    await badge(page, 'Rejected');
    await page.getByText('The price is €14.90 now').waitFor();
  });

  it('asks for what is missing before anything is sent', async () => {
    const page = await panel.open('/orders/new');
    await page.getByLabel('Mail address').fill('nobody');
    await page.getByRole('button', { name: 'Place order' }).click();
    await page.getByText('Add at least one item.').waitFor();
    expect(await page.getByLabel('Mail address').getAttribute('aria-invalid')).toBe('true');
    expect(panel.shop.seen).toEqual([]);
  });

  it('keeps its Idempotency-Key over retries, the automatic ones and a person’s', async () => {
    panel.expectErrors(/503/);
    panel.shop.faults.unavailable = 5;
    const page = await panel.open('/orders/new');
    await add(page, 'CUP-RAKU');
    await page.getByRole('button', { name: 'Place order' }).click();
    const alert = page.getByRole('alert');
    await alert.getByText('Place order: not done').waitFor();
    expect(await alert.innerText()).toMatch(/The shard changes hands\.[^]*Correlation id [0-9a-f-]{36}/);
    await alert.getByRole('button', { name: 'Try again' }).click();
    await page.waitForURL(/\/orders\/[0-9a-f-]{36}$/);
    expect(panel.shop.seen).toHaveLength(6);
    expect(new Set(panel.shop.seen.map(({ key }) => key)).size).toBe(1);
    expect(panel.shop.state.orders.size).toBe(1);
  });

  it('is not lost with a command API that is away: it says so, and the same action goes through later', async () => {
    panel.expectErrors(/ERR_/);
    panel.shop.faults.away = true;
    const page = await panel.open('/orders/new');
    await add(page, 'CUP-RAKU');
    await page.getByLabel('Name').fill('Grace Hopper');
    await page.getByRole('button', { name: 'Place order' }).click();
    const alert = page.getByRole('alert');
    await alert.getByText('No answer came from the server.').waitFor();
    await alert.getByText(/Check that the services run/).waitFor();
    expect(await page.getByLabel('Name').inputValue()).toBe('Grace Hopper');
    expect(await page.getByLabel('Quantity of Raku cup').inputValue()).toBe('1');
    panel.shop.faults.away = false;
    await alert.getByRole('button', { name: 'Try again' }).click();
    await page.waitForURL(/\/orders\/[0-9a-f-]{36}$/);
    await page.getByText(/visible after/).waitFor();
    expect(new Set(panel.shop.seen.map(({ key }) => key)).size).toBe(1);
  });

  it('whose answer is lost happens once, and says that it was accepted earlier', async () => {
    panel.expectErrors(/ERR_/);
    panel.shop.faults.answerLost = 1;
    const page = await panel.open('/orders/new');
    await add(page, 'CUP-RAKU');
    await place(page);
    await page.getByText(/Accepted earlier, same answer again/).waitFor();
    expect(panel.shop.seen).toHaveLength(2);
    expect(panel.shop.state.journal.filter(({ type }) => type === 'OrderPlaced')).toHaveLength(1);
  });

  it('without any stock leads to registering some', async () => {
    panel.shop.state.stock.clear();
    const page = await panel.open('/orders/new');
    await page.getByRole('link', { name: 'Register an item' }).click();
    await page.getByRole('heading', { name: 'Register a stock item', level: 1 }).waitFor();
  });
});

describe.skipIf(!hasBrowser)('one order', () => {
  it('is paid, shipped and delivered; what is not open says why', async () => {
    const page = await panel.open('/orders/new');
    await add(page, 'CUP-RAKU');
    await place(page);
    await badge(page, 'Awaiting payment');
    const ship = page.getByRole('button', { name: 'Ship…' });
    expect(await ship.getAttribute('aria-disabled')).toBe('true');
    await page.getByText('Not yet: only a paid order is shipped.').waitFor();

    await page.getByRole('button', { name: 'Pay…' }).click();
    await page.getByRole('button', { name: 'Pay the order' }).click();
    await badge(page, 'Paid');
    expect(await stepsOf(page)).toMatch(
      /Pay order Accepted \d+ ms event at orders-\d@\d+ visible after \d+ ms/,
    );
    await ship.click();
    await page.getByLabel('Tracking number').fill('CP7');
    await page.getByRole('button', { name: 'Ship the order' }).click();
    await badge(page, 'Shipped');
    await page.getByRole('button', { name: 'Deliver' }).click();
    await badge(page, 'Delivered');
    await page.getByRole('link', { name: 'OrderDelivered' }).waitFor();
    await page.getByText('Nothing more: the order has come to its end.').waitFor();
    expect(await page.getByRole('button', { name: 'Cancel…' }).count()).toBe(0);
  });

  it('refuses another amount beside the form, which keeps what was typed', async () => {
    panel.expectErrors(/422/);
    const page = await panel.open('/orders/new');
    await add(page, 'CUP-RAKU');
    await place(page);
    await badge(page, 'Awaiting payment');
    await page.getByRole('button', { name: 'Pay…' }).click();
    const drawer = page.getByRole('dialog', { name: 'Pay the order' });
    await drawer.getByLabel('Amount (EUR)').fill('1');
    await drawer.getByLabel('Method').selectOption('transfer');
    await drawer.getByRole('button', { name: 'Pay the order' }).click();
    await drawer
      .getByRole('alert')
      .getByText(/costs exactly 2800 in minor units of EUR, not 100\./)
      .waitFor();
    expect(await page.getByRole('alert').count()).toBe(1);
    expect(await drawer.getByLabel('Amount (EUR)').inputValue()).toBe('1');
    expect(await drawer.getByLabel('Method').inputValue()).toBe('transfer');

    await drawer.getByLabel('Amount (EUR)').fill('28');
    await drawer.getByRole('button', { name: 'Pay the order' }).click();
    await badge(page, 'Paid');
    expect(panel.shop.state.orders.values().next().value?.payment).toEqual({
      amount: 2800,
      method: 'transfer',
    });
  });

  it('is cancelled behind a dialog that says what it means', async () => {
    const page = await panel.open('/orders/new');
    await add(page, 'CUP-RAKU');
    await place(page);
    await badge(page, 'Awaiting payment');
    await page.getByRole('button', { name: 'Cancel…' }).click();
    const dialog = page.getByRole('dialog', { name: 'Cancel the order' });
    await dialog.getByText('releases 1 line of stock. Nothing was paid.').waitFor();
    await dialog.getByRole('button', { name: 'Keep the order' }).click();
    await dialog.waitFor({ state: 'detached' });
    expect(panel.shop.seen).toHaveLength(1);

    await page.getByRole('button', { name: 'Cancel…' }).click();
    await dialog.getByLabel('Reason').fill('Changed my mind');
    await dialog.getByRole('button', { name: 'Cancel the order' }).click();
    await badge(page, 'Cancelled');
  });

  it('that nobody knows says so, and leads back', async () => {
    panel.expectErrors(/404/);
    const page = await panel.open('/orders/11111111-1111-4111-8111-111111111111');
    await page.getByText('No such order in the view').waitFor();
    await page.getByRole('main').getByRole('link', { name: 'Orders', exact: true }).click();
    await page.waitForURL(/\/orders$/);
  });
});

describe.skipIf(!hasBrowser)('the list of orders', () => {
  it('has its filters in the URL, both ways', async () => {
    const page = await panel.open('/orders?status=rejected');
    expect(await page.getByLabel('State').inputValue()).toBe('rejected');
    await page.getByText('No order matches').waitFor();
    await page.getByLabel('State').selectOption('paid');
    await page.waitForURL(/status=paid/);
    await page.getByRole('button', { name: 'Clear filters' }).first().click();
    await page.waitForURL(/\/orders$/);
    await page.getByText('No orders yet').waitFor();
    await page.goBack();
    await expect.poll(() => page.getByLabel('State').inputValue()).toBe('paid');
  });

  it('lets new orders wait while a row of it changes in place', async () => {
    orderIsPlaced(panel.shop, 'one', { name: 'Customer one' });
    const page = await panel.open('/orders');
    await page
      .getByRole('row', { name: /Customer one/ })
      .getByText('Awaiting payment')
      .waitFor();
    orderIsPlaced(panel.shop, 'two', { name: 'Customer two' });
    const bar = page.getByRole('button', { name: '1 change in the list: show' });
    await bar.waitFor();
    expect(await page.getByText('Customer two').count()).toBe(0);
    await bar.click();
    await page.getByText('Customer two').waitFor();
  });
});
