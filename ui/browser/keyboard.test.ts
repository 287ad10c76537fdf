// The keyboard alone: shortcuts, Find, skipping the navigation, and a whole order without a mouse.
import { describe, expect, it } from 'vitest';
import { orderIsPlaced } from './elsewhere.ts';
import { hasBrowser, usePanel } from './panel.ts';

const panel = usePanel();

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

  it('finds pages, items, orders and events from anywhere', async () => {
    const served = '0f8fad5b-d9cb-469f-a165-70867728950e';
    orderIsPlaced(panel.shop, served);
    const page = await panel.open('/stock');
    await page.keyboard.press('ControlOrMeta+k');
    const field = page.getByRole('combobox', { name: 'What to find' });
    const chosen = () => page.getByRole('listbox').getByRole('option', { selected: true }).innerText();
    await field.fill('raku');
    await page.getByRole('option', { name: /Raku cup/ }).waitFor();
    await expect.poll(chosen).toMatch(/Raku cup/);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Raku cup', level: 1 }).waitFor();

    await page.keyboard.press('ControlOrMeta+k');
    await field.fill('marchand');
    await page.getByRole('option', { name: /Ada Marchand/ }).waitFor();
    await page.keyboard.press('ArrowDown');
    await expect.poll(chosen).toMatch(/In the events/);
    await page.keyboard.press('ArrowUp');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: served, level: 1 }).waitFor();

    await page.keyboard.press('ControlOrMeta+k');
    await field.fill('stock-2@0');
    await page.keyboard.press('Enter');
    await page.waitForURL(/\/events\/stock\/2\/0$/);
  });

  it('alone places an order and pays it', async () => {
    const page = await panel.open('/');
    const focused = () => page.evaluate(() => document.activeElement?.textContent.trim() ?? '');
    const tabTo = async (name: string): Promise<void> => {
      for (let step = 0; step < 60; step += 1) {
        if ((await focused()).startsWith(name)) return;
        await page.keyboard.press('Tab');
      }
      throw new Error(`The Tab key never comes to "${name}".`);
    };
    await page.keyboard.press('g');
    await page.keyboard.press('c');
    await page.getByRole('heading', { name: 'Place an order', level: 1 }).waitFor();
    await page.getByLabel('Add an item').waitFor();
    await tabTo('Choose');
    await page.keyboard.type('Raku');
    await page.keyboard.press('Enter');
    await page.getByLabel('Quantity of Raku cup').waitFor();
    await tabTo('Place order');
    await page.keyboard.press('Enter');
    await page.waitForURL(/\/orders\/[0-9a-f-]{36}$/);
    await page.getByText('Takes the exact amount.').waitFor();
    await tabTo('Pay…');
    await page.keyboard.press('Enter');
    await page.getByRole('dialog', { name: 'Pay the order' }).waitFor();
    await tabTo('Pay the order');
    await page.keyboard.press('Enter');
    await page.getByText('Hands the goods to a carrier; stock goes down.').waitFor();
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
