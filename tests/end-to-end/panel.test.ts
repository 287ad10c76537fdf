// The panel as its user has it: a real browser, the gateway, every service, the real servers behind them.
import { launchBrowser } from '@comptoir/ui/chromium';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { freshSku, startSystem, type System } from './support/system.ts';

/** ms; a busy machine is slow, and nothing here waits for a time. */
const patience = 30_000;
const browser: Browser | undefined = await launchBrowser();
const errors: string[] = [];
let system: System;
let page: Page;

beforeAll(async () => {
  system = await startSystem({
    services: ['command-api', 'query-api', 'projectors', 'reactors', 'gateway'],
  });
  if (browser === undefined) return;
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, locale: 'en-GB' });
  context.setDefaultTimeout(patience);
  page = await context.newPage();
  page.on('pageerror', ({ message }) => errors.push(message));
  page.on('console', (message) => {
    if (message.type() === 'error') errors.push(message.text());
  });
});
afterAll(async () => {
  await browser?.close();
  await system.stop();
});

async function open(path: string): Promise<void> {
  await page.goto(`${system.comptoir.addresses.panel}${path}`);
  await page.getByRole('heading', { level: 1 }).waitFor();
}

/** The three steps of a command, when the last of them is there. */
async function steps(command: string): Promise<string> {
  const region = page.getByRole('region', { name: /three steps/ }).filter({ hasText: command });
  await region.getByText(/visible after/).waitFor();
  return (await region.innerText()).replaceAll(/\s+/g, ' ');
}

const state = (text: string) => page.locator('header').getByText(text, { exact: true }).last().waitFor();

async function generation(): Promise<number> {
  const registry = system.db.collection<{ _id: string; live: number }>('projections');
  return (await registry.findOne({ _id: 'orders' }))?.live ?? 0;
}

async function order(sku: string, tooMuch: boolean): Promise<void> {
  await open('/orders/new');
  await page.getByLabel('Add an item').selectOption(sku);
  if (tooMuch) await page.getByRole('button', { name: 'more than there is' }).last().click();
  await page.getByRole('button', { name: 'Place order' }).click();
  await page.waitForURL(/\/orders\/[0-9a-f-]{36}$/);
}

describe.skipIf(browser === undefined)('the panel on the real system', () => {
  const sku = freshSku('TEA').toUpperCase();

  it('registers an item, and says when its view shows it', async () => {
    await open('/stock/new');
    await page.getByLabel('SKU').fill(sku);
    await page.getByLabel('Name').fill('Oolong');
    await page.getByLabel('Price of one').fill('18.20');
    await page.getByRole('button', { name: 'Register an item' }).click();
    expect(await steps('Register stock item')).toMatch(
      /Accepted .*event at stock-\d+@\d+.*visible after [\d.]+ m?s/,
    );
  });

  it('places an order that is confirmed, paid and shipped, with its story from command to mail', async () => {
    await order(sku, false);
    await state('Awaiting payment');
    for (const type of ['OrderPlaced', 'StockReserved', 'OrderConfirmed'])
      await page.getByRole('link', { name: type }).first().waitFor();
    await page.getByRole('button', { name: 'Pay…' }).click();
    await page.getByRole('button', { name: 'Pay the order' }).click();
    await state('Paid');
    expect(await steps('Pay order')).toMatch(
      /Pay order Accepted .*event at orders-\d+@\d+ visible after [\d.]+ m?s/,
    );
    await page.getByRole('button', { name: 'Ship…' }).click();
    await page.getByLabel('Tracking number').fill('LP-7');
    await page.getByRole('button', { name: 'Ship the order' }).click();
    await state('Shipped');
  });

  it('places one that cannot be served, and says why', async () => {
    await order(sku, true);
    await state('Rejected');
    await page.getByText('Not enough in stock').first().waitFor();
  });

  it('rebuilds a projection', async () => {
    const before = await generation();
    await open('/projections');
    await page.getByRole('button', { name: /Rebuild.*orders/ }).click();
    await page
      .getByRole('dialog')
      .getByRole('button', { name: /Rebuild/ })
      .click();
    await vi.waitFor(async () => {
      expect(await generation()).toBe(before + 1);
    }, patience);
    await page
      .getByText(`orders.g${String(before + 1)}`)
      .first()
      .waitFor();
    await open('/orders');
    await page
      .getByRole('row', { name: /Rejected/ })
      .first()
      .waitFor();
  });

  it('has logged no error', () => {
    expect(errors).toEqual([]);
  });
});
