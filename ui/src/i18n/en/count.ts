// Figures and plurals in English.

/** A figure with its thousands separated. */
export const number = (value: number): string => new Intl.NumberFormat('en').format(value);

/** A figure with its noun: `1 event`, `0 events`. */
export const plural = (count: number, one: string, many: string): string =>
  `${number(count)} ${count === 1 ? one : many}`;
