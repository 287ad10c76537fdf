// What makes the panel usable by everyone: languages, themes, narrow screens, and axe on every page in both themes.
import { axeSource, seriousProblems } from './axe.ts';
import { describe, expect, it } from 'vitest';
import { orderIsPlaced } from './elsewhere.ts';
import { hasBrowser, usePanel } from './panel.ts';

const panel = usePanel();

const served = '0f8fad5b-d9cb-469f-a165-70867728950e';
const refused = '7c9e6679-7425-40de-944b-e07fc1f90ae7';

/** One order that is confirmed, and one that is rejected after a line of it was reserved. */
function ordersArePlaced(): void {
  orderIsPlaced(panel.shop, served, { language: 'fr' });
  orderIsPlaced(panel.shop, refused, {
    lines: [
      ['CUP-RAKU', 1, 2800],
      ['POT-CAST-IRON', 99, 5900],
    ],
  });
}

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
  '/projections/orders',
  '/nowhere',
];

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
      ordersArePlaced();
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

  it('has drawers and dialogs that axe finds nothing in', { timeout: 60_000 }, async () => {
    ordersArePlaced();
    const page = await panel.open('/stock');
    const look = async (path: string, button: string) => {
      await page.goto(panel.shop.address + path);
      await page.getByRole('button', { name: button }).first().click();
      await page.getByRole('dialog').waitFor();
      await page.waitForFunction(() =>
        document.getAnimations().every(({ playState }) => playState === 'finished'),
      );
      await page.evaluate(axeSource);
      expect(await seriousProblems(page), `${button} on ${path}`).toEqual([]);
    };
    await look('/stock', 'Adjust Raku cup');
    await look('/stock/CUP-RAKU', 'Change price');
    await look(`/orders/${served}`, 'Pay…');
    await look(`/orders/${served}`, 'Cancel…');
    await look('/projections', 'Rebuild… orders');
    await look('/', 'Find…');
    await look('/', 'Keyboard');
  });

  it('fits 320 px without scrolling sideways, in the longer language', { timeout: 60_000 }, async () => {
    panel.expectErrors(/404/);
    ordersArePlaced();
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
  'loads less than 100 kB compressed before the first page is there: page, scripts and styles',
  async () => {
    const page = await panel.open('/');
    const urls = await page.evaluate(() =>
      performance
        .getEntriesByType('resource')
        .map(({ name }) => name)
        .filter((name) => name.endsWith('.js') || name.endsWith('.css')),
    );
    expect(urls.some((url) => url.endsWith('.css'))).toBe(true);
    const { gzipSync } = await import('node:zlib');
    const sizes = await Promise.all(
      [page.url(), ...urls].map(async (url) => gzipSync(await (await fetch(url)).text()).length),
    );
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(100_000);
  },
);
