// One browser, one fake shop, and a page for each test; what every test needs to drive the panel.
// A test fails when the page logs an error or throws, whatever else it looked at.
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, afterEach, beforeEach } from 'vitest';
import { launchBrowser } from './chromium.ts';
import { type FakeShop, startFakeShop, stockTheShop } from './fake-shop.ts';

const browser: Browser | undefined = await launchBrowser();

/**
 * Chromium drops all that is under way when the machine's network changes, be it a container that starts next door. Such a test
 * has said nothing of the panel: it is run again (see `retry` in vitest.browser.config.ts).
 */
const networkChanged = 'ERR_NETWORK_CHANGED';

/** Whether there is a browser here; without one the tests are skipped, and `launchBrowser` has said so. */
export const hasBrowser = browser !== undefined;

export interface Panel {
  readonly shop: FakeShop;
  /** Opens an address of the panel in a page of its own. */
  readonly open: (path: string, options?: BrowserContextOptions) => Promise<Page>;
  /** Errors of the page that the test has provoked on purpose. */
  readonly expectErrors: (pattern: RegExp) => void;
}

/** Sets up a fresh shop, with a few items in stock, before each test of the file. */
export function usePanel(): Panel {
  let shop: FakeShop | undefined;
  let problems: string[] = [];
  let expected: RegExp | undefined;
  const running = (): FakeShop => {
    if (shop === undefined) throw new Error('The fake shop runs only during a test.');
    return shop;
  };

  beforeEach(async () => {
    problems = [];
    expected = undefined;
    if (!hasBrowser) return;
    shop = await startFakeShop();
    stockTheShop(shop.state);
  });

  afterEach(async () => {
    await Promise.all((browser?.contexts() ?? []).map((context) => context.close()));
    await shop?.stop();
    shop = undefined;
    const unexpected = problems.filter(
      (problem) => problem.includes(networkChanged) || expected?.test(problem) !== true,
    );
    if (unexpected.length > 0) throw new Error(`The page had errors:\n${unexpected.join('\n')}`);
  });

  afterAll(async () => {
    await browser?.close();
  });

  return {
    get shop() {
      return running();
    },
    expectErrors: (pattern) => {
      expected = pattern;
    },
    open: async (path, options = {}) => {
      if (browser === undefined) throw new Error('There is no browser.');
      const context = await browser.newContext({
        viewport: { width: 1280, height: 900 },
        locale: 'en-GB',
        ...options,
      });
      context.setDefaultTimeout(10_000);
      const page = await context.newPage();
      page.on('pageerror', (error) => problems.push(error.message));
      page.on('console', (message) => {
        if (message.type() === 'error') problems.push(message.text());
      });
      await page.goto(running().address + path);
      await page.getByRole('heading', { level: 1 }).waitFor();
      return page;
    },
  };
}

/** The text of the three steps, on one line. */
export const stepsOf = async (page: Page): Promise<string> =>
  (await page.getByRole('region', { name: /three steps/ }).innerText()).replaceAll(/\s+/g, ' ');
