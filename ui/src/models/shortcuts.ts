// The keyboard: `g` and then a letter goes to a page, `?` shows the list. A small machine of two states, without a clock of its own.

export type GoPage =
  'overview' | 'orders' | 'stock' | 'notifications' | 'events' | 'projections' | 'newOrder';

export const goKeys: readonly { readonly key: string; readonly page: GoPage; readonly path: string }[] = [
  { key: 'h', page: 'overview', path: '/' },
  { key: 'o', page: 'orders', path: '/orders' },
  { key: 'c', page: 'newOrder', path: '/orders/new' },
  { key: 's', page: 'stock', path: '/stock' },
  { key: 'n', page: 'notifications', path: '/notifications' },
  { key: 'e', page: 'events', path: '/events' },
  { key: 'p', page: 'projections', path: '/projections' },
];

/** The keys that open "Find", as this keyboard has them. */
export const findKeys = (userAgent: string): string => (/Mac|iPhone|iPad/.test(userAgent) ? '⌘ K' : 'Ctrl K');

/** A `g` is forgotten after this long (ms). */
export const goWindowMs = 1_500;

export interface KeyPress {
  readonly key: string;
  /** Whether Ctrl, Cmd or Alt is held. */
  readonly modified: boolean;
  readonly inField: boolean;
  /** ms, of any clock. */
  readonly at: number;
}

export type KeyResult =
  | { readonly kind: 'none' }
  | { readonly kind: 'prefix'; readonly at: number }
  | { readonly kind: 'go'; readonly path: string }
  | { readonly kind: 'help' };

/**
 * What a key press means.
 *
 * @param prefixAt when `g` was pressed, if it is still waiting for its letter (same clock as `press.at`, ms)
 */
export function interpretKey(press: KeyPress, prefixAt: number | undefined): KeyResult {
  if (press.modified || press.inField) return { kind: 'none' };
  if (prefixAt !== undefined && press.at - prefixAt <= goWindowMs) {
    const target = goKeys.find(({ key }) => key === press.key);
    if (target !== undefined) return { kind: 'go', path: target.path };
  }
  if (press.key === 'g') return { kind: 'prefix', at: press.at };
  return press.key === '?' ? { kind: 'help' } : { kind: 'none' };
}
