// A list on a page: what a query brings, held still. Rows change in place; newcomers wait until the reader asks. Whenever the
// question itself changes (a filter, a page), the new answer is shown at once.
import { reconcile } from '../models/live-rows.ts';

export interface LiveList<Row> {
  readonly rows: readonly Row[];
  readonly waiting: number;
  /** Shows the list as it is now. */
  readonly catchUp: () => void;
}

/**
 * @param question changes when the answer must be shown at once
 * @param fresh the newest answer; `undefined` while there is none
 */
export function createLiveList<Row>(
  question: () => string,
  fresh: () => readonly Row[] | undefined,
  keyOf: (row: Row) => string,
): LiveList<Row> {
  let shownFor = $state.raw<string | undefined>(undefined);
  let shown = $state.raw<readonly Row[]>([]);

  const current = $derived.by(() => {
    const rows = fresh();
    if (rows === undefined) return { rows: [], waiting: 0 };
    const isHeld = shownFor === question() && shown.length > 0;
    return isHeld ? reconcile(shown, rows, keyOf) : { rows, waiting: 0 };
  });

  $effect(() => {
    const rows = fresh();
    if (rows !== undefined && shownFor !== question()) {
      shownFor = question();
      shown = rows;
    } else if (rows !== undefined && shown.length === 0) {
      shown = rows;
    }
  });

  return {
    get rows() {
      return current.rows;
    },
    get waiting() {
      return current.waiting;
    },
    catchUp: () => {
      shown = fresh() ?? [];
    },
  };
}
