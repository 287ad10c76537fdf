import { describe, expect, it } from 'vitest';
import type { StockItem } from '../services/contract.ts';
import { adjustmentOf } from './adjustment.ts';
import { askTooMuch, draftLine, forecastOf, lineProblem, quotedLines, quoteStalePrice } from './new-order.ts';
import { registrationOf } from './registration.ts';

const item: StockItem = {
  sku: 'TEA',
  name: 'Tea',
  unitPrice: 1250,
  currency: 'EUR',
  onHand: 10,
  reserved: 4,
  available: 6,
  lowStockThreshold: 2,
  low: false,
  version: 3,
  registeredAt: '2026-11-25T10:00:00.000Z',
  updatedAt: '2026-11-25T10:00:00.000Z',
};

describe('a line of a new order', () => {
  const line = draftLine(item, 'en');

  it('begins with one piece at today’s price', () => {
    expect(line).toEqual({ sku: 'TEA', quantity: '1', price: '12.50' });
    expect(forecastOf(line, item, 'EUR')).toEqual({ kind: 'ok', left: 5 });
  });

  it('can ask for more than there is', () => {
    expect(forecastOf(askTooMuch(line, item, 'en'), item, 'EUR')).toEqual({ kind: 'too-many', available: 6 });
  });

  it.each([1250, 9, 1, 0])('can quote a price that is no longer true, of %i', (unitPrice) => {
    const current = { ...item, unitPrice };
    const stale = quoteStalePrice(draftLine(current, 'fr'), current, 'fr');
    expect(forecastOf(stale, current, 'EUR')).toEqual({ kind: 'stale-price', current: unitPrice });
    expect(lineProblem(stale, 'EUR')).toBeUndefined();
  });

  it('of an unknown item is foreseen to be refused', () => {
    expect(forecastOf(line, undefined, 'EUR')).toEqual({ kind: 'unknown-item' });
  });

  it.each(['0', '-1', '1.5', '', 'many', '1000001'])('does not take %j as a quantity', (quantity) => {
    expect(lineProblem({ ...line, quantity }, 'EUR')).toBe('quantity');
    expect(quotedLines([{ ...line, quantity }], 'EUR')).toEqual([]);
  });

  it('is sent in minor units', () => {
    expect(quotedLines([{ sku: 'TEA', quantity: '3', price: '12,5' }], 'EUR')).toEqual([
      { sku: 'TEA', quantity: 3, unitPrice: 1250 },
    ]);
  });
});

describe('an adjustment', () => {
  it('is a difference with its reason', () => {
    expect(adjustmentOf(item, 'damaged', '-3', ' broken ')).toEqual({
      adjustment: { delta: -3, reason: 'damaged', note: 'broken' },
      after: 7,
      problem: undefined,
    });
  });

  it('by a count is the figure itself', () => {
    expect(adjustmentOf(item, 'counted', '12', '')).toEqual({
      adjustment: { counted: 12, reason: 'counted' },
      after: 12,
      problem: undefined,
    });
  });

  it.each(['', 'x', '1.5', '1e3'])('is not read from %j', (figure) => {
    expect(adjustmentOf(item, 'received', figure, '').problem).toBe('not-a-number');
  });

  it('of nothing is refused, but counting the same is not', () => {
    expect(adjustmentOf(item, 'received', '0', '').problem).toBe('no-change');
    expect(adjustmentOf(item, 'counted', '10', '').problem).toBeUndefined();
  });
});

describe('a registration', () => {
  const form = {
    sku: 'TEA',
    name: 'Tea',
    unitPrice: '12.50',
    currency: 'eur',
    onHand: '10',
    lowStockThreshold: '0',
  };

  it('is read into the command', () => {
    expect(registrationOf(form).input).toEqual({
      sku: 'TEA',
      name: 'Tea',
      unitPrice: 1250,
      currency: 'EUR',
      onHand: 10,
      lowStockThreshold: 0,
    });
  });

  it('names every field that is wrong', () => {
    const wrong = {
      sku: '',
      name: ' ',
      unitPrice: 'x',
      currency: 'EUR',
      onHand: '-1',
      lowStockThreshold: '',
    };
    expect(registrationOf(wrong)).toEqual({
      input: undefined,
      problems: {
        sku: 'required',
        name: 'required',
        unitPrice: 'price',
        onHand: 'count',
        lowStockThreshold: 'count',
      },
    });
    expect(registrationOf({ ...form, sku: '-x' }).problems).toEqual({ sku: 'sku' });
    expect(registrationOf({ ...form, currency: 'EURO' }).problems).toEqual({ currency: 'currency' });
  });
});
