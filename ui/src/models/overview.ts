// The shop's figures for the overview, each with the address of the list behind it.

import type { Sale } from '../services/contract.ts';

/** How many documents a count asks for at most; beyond it the figure reads `100+`. */
export const countLimit = 100;

/** A count as it is shown: exact up to the limit. */
export const countText = (count: number, hasMore: boolean): string => `${String(count)}${hasMore ? '+' : ''}`;

export interface Turnover {
  readonly currency: string;
  /** Minor units, refunds taken off. */
  readonly net: number;
  readonly refunds: number;
}

/** What was taken, per currency, largest first. */
export function turnoverOf(sales: readonly Sale[]): readonly Turnover[] {
  const byCurrency = new Map<string, Turnover>();
  for (const { currency, revenue, refunds } of sales) {
    const known = byCurrency.get(currency) ?? { currency, net: 0, refunds: 0 };
    byCurrency.set(currency, {
      currency,
      net: known.net + revenue - refunds,
      refunds: known.refunds + refunds,
    });
  }
  return [...byCurrency.values()].toSorted((a, b) => b.net - a.net);
}

/** Today in UTC, as the sales view counts days: `2026-11-25`. @param now epoch ms */
export const utcDay = (now: number): string => new Date(now).toISOString().slice(0, 10);
