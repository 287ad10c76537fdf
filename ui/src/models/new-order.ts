// The form of a new order: lines with a quoted price, what is likely to happen to each, and the two experiments a reader can try:
// more than there is, and a price that is no longer true. The forecast is a hint; the stock item decides.

import type { QuotedLine, StockItem } from '../services/contract.ts';
import { moneyInputText, parseMoney } from './money.ts';

export interface DraftLine {
  readonly sku: string;
  readonly quantity: string;
  /** As typed; minor units are read from it. */
  readonly price: string;
}

export type Forecast =
  | { readonly kind: 'ok'; readonly left: number }
  | { readonly kind: 'too-many'; readonly available: number }
  | { readonly kind: 'stale-price'; readonly current: number }
  | { readonly kind: 'unknown-item' };

export type LineProblem = 'quantity' | 'price';

/** A first line for an item: one piece at the price of now, written as the locale does. */
export const draftLine = (item: StockItem, locale: string): DraftLine => ({
  sku: item.sku,
  quantity: '1',
  price: moneyInputText(item.unitPrice, item.currency, locale),
});

/** Whole pieces, 1 to 1,000,000; `undefined` for anything else. */
export function parseQuantity(text: string): number | undefined {
  const value = /^\d{1,7}$/.test(text.trim()) ? Number(text) : 0;
  return value >= 1 && value <= 1_000_000 ? value : undefined;
}

/** What is wrong with a line as typed, if anything. */
export function lineProblem(line: DraftLine, currency: string): LineProblem | undefined {
  if (parseQuantity(line.quantity) === undefined) return 'quantity';
  return parseMoney(line.price, currency) === undefined ? 'price' : undefined;
}

/** What the stock item would say now. @param item as the view has it; `undefined` when it knows none */
export function forecastOf(line: DraftLine, item: StockItem | undefined, currency: string): Forecast {
  if (item === undefined) return { kind: 'unknown-item' };
  const price = parseMoney(line.price, currency);
  if (price !== undefined && price !== item.unitPrice)
    return { kind: 'stale-price', current: item.unitPrice };
  const quantity = parseQuantity(line.quantity) ?? 0;
  return quantity > item.available
    ? { kind: 'too-many', available: item.available }
    : { kind: 'ok', left: item.available - quantity };
}

/** One more than there is. */
export const askTooMuch = (line: DraftLine, item: StockItem, locale: string): DraftLine => ({
  ...line,
  quantity: String(Math.max(item.available, 0) + 1),
  price: moneyInputText(item.unitPrice, item.currency, locale),
});

/** Yesterday's price: a tenth less than today's, and never the same. */
export const quoteStalePrice = (line: DraftLine, item: StockItem, locale: string): DraftLine => ({
  ...line,
  quantity: item.available > 0 ? '1' : line.quantity,
  price: moneyInputText(
    item.unitPrice >= 10 ? Math.round(item.unitPrice * 0.9) : item.unitPrice + 1,
    item.currency,
    locale,
  ),
});

/** The lines as the command takes them; a line that cannot be read is left out (the form says so beside it). */
export const quotedLines = (lines: readonly DraftLine[], currency: string): readonly QuotedLine[] =>
  lines.flatMap((line) => {
    const quantity = parseQuantity(line.quantity);
    const unitPrice = parseMoney(line.price, currency);
    return quantity === undefined || unitPrice === undefined ? [] : [{ sku: line.sku, quantity, unitPrice }];
  });
