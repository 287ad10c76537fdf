// What makes the panel usable by everyone: keyboard, languages, themes, narrow screens, and axe on every page in both themes.
import { axeSource, seriousProblems } from './axe.ts';
import { describe, expect, it } from 'vitest';
import { hasBrowser, usePanel } from './panel.ts';

const panel = usePanel();

function placed(orderId: string, quantity: number): void {
  panel.shop.state.place(
    {
      orderId,
      customer: { id: 'c', name: 'Ada Marchand', email: 'ada@example.com', language: 'fr' },
      currency: 'EUR',
      lines: [
        { sku: 'CUP-RAKU', quantity: 1, unitPrice: 2800, status: 'pending' },
        { sku: 'POT-CAST-IRON', quantity, unitPrice: 5900, status: 'pending' },
      ],
    },
    { commandId: orderId, correlationId: orderId, actor: 'panel' },
  );
}

const served = '0f8fad5b-d9cb-469f-a165-70867728950e';
const refused = '7c9e6679-7425-40de-944b-e07fc1f90ae7';
const pages = [
  '/',
  '/orders',
  '/orders/new',
  `/orders/${served}`,
  `/orders/${refused}`,
  '/stock',
  '/stock/new',
  '/stock/POT-CAST-IRON',
  '/notifications',
  '/events',
  '/events/stock/2/0',
  '/projections',
  '/nowhere',
];

describe.skipIf(!hasBrowser)('the keyboard', () => {
  it('goes to pages with g and a letter, and the focus goes to the new title', async () => {
    const page = await panel.open('/');
    await page.keyboard.press('g');
    await page.keyboard.press('o');
    await page.waitForURL(/\/orders$/);
    await expect.poll(() => page.evaluate(() => document.activeElement?.textContent)).toBe('Orders');
    expect(await page.title()).toBe('Orders · Comptoir');
    await page.keyboard.press('g');
    await page.keyboard.press('p');
    await page.waitForURL(/\/projections$/);
  });

  it('lists its keys behind ?, and can be switched off', async () => {
    const page = await panel.open('/stock');
    await page.keyboard.press('?');
    const dialog = page.getByRole('dialog', { name: 'Keyboard' });
    await dialog.getByText('Place an order').waitFor();
    await dialog.getByLabel('Use single keys as shortcuts').uncheck();
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    await page.keyboard.press('?');
    await page.keyboard.press('g');
    await page.keyboard.press('e');
    expect(await page.getByRole('dialog').count()).toBe(0);
    expect(page.url()).toMatch(/\/stock$/);
  });

  it('leaves letters in fields alone', async () => {
    const page = await panel.open('/stock');
    await page.getByLabel('Text').focus();
    await page.keyboard.type('go?');
    expect(await page.getByLabel('Text').inputValue()).toBe('go?');
    expect(page.url()).toMatch(/\/stock$/);
  });

  it('skips the navigation first of all', async () => {
    const page = await panel.open('/orders');
    await page.keyboard.press('Tab');
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Skip to the page');
    await page.keyboard.press('Enter');
    await page.keyboard.press('Tab');
    expect(await page.evaluate(() => document.activeElement?.closest('main') !== null)).toBe(true);
  });

  it('opens a link in a new tab when asked to, and stays here', async () => {
    const page = await panel.open('/');
    const opened = page.context().waitForEvent('page');
    await page
      .getByRole('navigation', { name: 'Pages' })
      .getByRole('link', { name: 'Stock' })
      .click({ modifiers: ['ControlOrMeta'] });
    await opened;
    expect(new URL(page.url()).pathname).toBe('/');
  });
});

describe.skipIf(!hasBrowser)('the language', () => {
  it('is the browser’s at first, then the one chosen, remembered', async () => {
    const page = await panel.open('/orders', { locale: 'fr-FR' });
    await page.getByRole('heading', { name: 'Commandes', level: 1 }).waitFor();
    expect(await page.locator('html').getAttribute('lang')).toBe('fr');
    await page.getByLabel('Langue').selectOption('en');
    await page.getByRole('heading', { name: 'Orders', level: 1 }).waitFor();
    await page.reload();
    await page.getByRole('heading', { name: 'Orders', level: 1 }).waitFor();
  });

  it('French is complete: an order is placed without an English word', async () => {
    const page = await panel.open('/orders/new', { locale: 'fr' });
    await page.getByLabel('Ajouter un article').selectOption('CUP-RAKU');
    expect(await page.getByLabel('Prix annoncé de Raku cup').inputValue()).toBe('28,00');
    await page.getByRole('button', { name: 'Passer la commande' }).click();
    await page.getByText(/visible après/).waitFor();
    await page.getByRole('heading', { name: 'Chronologie' }).waitFor();
    await page.getByText('Attend le paiement').first().waitFor();
    expect((await page.getByRole('table', { name: 'Lignes' }).innerText()).replaceAll(/\s/gu, ' ')).toContain(
      '28,00 €',
    );
  });
});

describe.skipIf(!hasBrowser)('every page', () => {
  it.each(['light', 'dark'] as const)(
    'has nothing for axe to complain of, in %s',
    { timeout: 120_000 },
    async (theme) => {
      panel.expectErrors(/404/);
      placed(served, 1);
      placed(refused, 99);
      const page = await panel.open('/', { colorScheme: theme });
      for (const path of pages) {
        await page.goto(panel.shop.address + path);
        await page.getByRole('heading', { level: 1 }).waitFor();
        await page.waitForLoadState('load');
        await expect.poll(() => page.locator('.skeleton').count()).toBe(0);
        await page.evaluate(axeSource);
        expect(await seriousProblems(page), path).toEqual([]);
      }
    },
  );

  it('fits 320 px without scrolling sideways, in the longer language', { timeout: 60_000 }, async () => {
    panel.expectErrors(/404/);
    placed(served, 1);
    placed(refused, 99);
    const page = await panel.open('/', { viewport: { width: 320, height: 700 }, locale: 'fr' });
    for (const path of pages) {
      await page.goto(panel.shop.address + path);
      await page.getByRole('heading', { level: 1 }).waitFor();
      await expect.poll(() => page.locator('.skeleton').count()).toBe(0);
      const width = await page.evaluate(() => document.documentElement.scrollWidth);
      expect(width, path).toBeLessThanOrEqual(320);
    }
    await page.getByRole('button', { name: 'Menu' }).click();
    await page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: 'Stock' }).click();
    await page.getByRole('heading', { name: 'Stock', level: 1 }).waitFor();
    expect(await page.getByRole('button', { name: 'Menu' }).getAttribute('aria-expanded')).toBe('false');
  });

  it('keeps still when reduced motion is asked for', async () => {
    const page = await panel.open('/projections', { reducedMotion: 'reduce' });
    await page.getByRole('button', { name: 'Rebuild… stock' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.waitFor();
    expect(await page.evaluate(() => document.getAnimations().length)).toBe(0);
  });

  it('can be dark by choice, remembered', async () => {
    const page = await panel.open('/', { colorScheme: 'light' });
    await page.getByLabel('Theme').selectOption('dark');
    const background = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    expect(await background()).toBe('rgb(21, 23, 27)');
    await page.reload();
    expect(await background()).toBe('rgb(21, 23, 27)');
  });
});

it.skipIf(!hasBrowser)(
  'loads less than 100 kB of compressed script before the first page is there',
  async () => {
    const page = await panel.open('/');
    const urls = await page.evaluate(() =>
      performance
        .getEntriesByType('resource')
        .map(({ name }) => name)
        .filter((name) => name.endsWith('.js')),
    );
    const { gzipSync } = await import('node:zlib');
    const sizes = await Promise.all(
      urls.map(async (url) => gzipSync(await (await fetch(url)).text()).length),
    );
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(100_000);
  },
);
