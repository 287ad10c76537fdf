// Orders in a real browser: placing one that is confirmed, ones that are rejected, following and carrying them on.
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
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
    const drawer = page.getByRole('dialog');
    await drawer.getByLabel('Amount (EUR)').fill('1');
    await drawer.getByRole('button', { name: 'Pay the order' }).click();
    panel.expectErrors(/422/);
    await page.getByRole('alert').getByText('The order comes to 2800 EUR, exactly.').waitFor();

    await page.getByRole('button', { name: 'Pay…' }).click();
    await page.getByRole('button', { name: 'Pay the order' }).click();
    await badge(page, 'Paid');
    await ship.click();
    await page.getByLabel('Tracking number').fill('CP7');
    await page.getByRole('button', { name: 'Ship the order' }).click();
    await badge(page, 'Shipped');
    await page.getByRole('button', { name: 'Deliver' }).click();
    await badge(page, 'Delivered');
    await page.getByRole('link', { name: 'OrderDelivered' }).waitFor();
    expect(await page.getByText('No longer: the order is past this.').count()).toBe(4);
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
    const { state } = panel.shop;
    const placeOne = (orderId: string) =>
      state.place(
        {
          orderId,
          customer: { id: 'c', name: `Customer ${orderId}`, email: 'c@example.com' },
          currency: 'EUR',
          lines: [{ sku: 'CUP-RAKU', quantity: 1, unitPrice: 2800, status: 'pending' }],
        },
        { commandId: orderId, correlationId: orderId, actor: 'test' },
      );
    placeOne('one');
    const page = await panel.open('/orders');
    await page
      .getByRole('row', { name: /Customer one/ })
      .getByText('Awaiting payment')
      .waitFor();
    placeOne('two');
    const bar = page.getByRole('button', { name: '1 change in the list: show' });
    await bar.waitFor();
    expect(await page.getByText('Customer two').count()).toBe(0);
    await bar.click();
    await page.getByText('Customer two').waitFor();
  });
});
