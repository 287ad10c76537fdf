// Figures and plurals in English.

export const number = (value: number): string => new Intl.NumberFormat('en').format(value);

export const plural = (count: number, one: string, many: string): string =>
  `${number(count)} ${count === 1 ? one : many}`;
