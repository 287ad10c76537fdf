// Nombres et pluriels en français : zéro et un sont singuliers.

export const number = (value: number): string => new Intl.NumberFormat('fr').format(value);

export const plural = (count: number, one: string, many: string): string =>
  `${number(count)} ${Math.abs(count) < 2 ? one : many}`;
