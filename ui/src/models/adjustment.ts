// What somebody typed into the adjustment form, as the command's body, with the figure it leads to.
// Only what is surely wrong is refused here; what the stock item thinks of it, it says itself.

import type { Adjustment } from '../services/commands.ts';
import type { AdjustmentReason, StockItem } from '../services/contract.ts';

export const adjustmentReasons: readonly AdjustmentReason[] = [
  'received',
  'counted',
  'damaged',
  'returned',
  'correction',
];

export type AdjustmentProblem = 'not-a-number' | 'no-change';

export interface AdjustmentResult {
  readonly adjustment: Adjustment | undefined;
  /** On hand afterwards. */
  readonly after: number | undefined;
  readonly problem: AdjustmentProblem | undefined;
}

const refused = (problem: AdjustmentProblem): AdjustmentResult => ({
  adjustment: undefined,
  after: undefined,
  problem,
});

/** What the form comes to: the adjustment to send and the figure afterwards, or what is wrong with it. */
export function adjustmentOf(
  item: Pick<StockItem, 'onHand'>,
  reason: AdjustmentReason,
  figure: string,
  note: string,
): AdjustmentResult {
  const text = figure.trim().replace('−', '-');
  const pattern = reason === 'counted' ? /^\d{1,9}$/ : /^[+-]?\d{1,9}$/;
  if (!pattern.test(text)) return refused('not-a-number');
  const value = Number(text);
  const noted = note.trim() === '' ? {} : { note: note.trim() };
  if (reason === 'counted') {
    return { adjustment: { counted: value, reason, ...noted }, after: value, problem: undefined };
  }
  if (value === 0) return refused('no-change');
  return { adjustment: { delta: value, reason, ...noted }, after: item.onHand + value, problem: undefined };
}
