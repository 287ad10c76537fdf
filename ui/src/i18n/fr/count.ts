// Nombres et pluriels en français : zéro et un sont singuliers.

/** Un nombre, ses milliers séparés. */
export const number = (value: number): string => new Intl.NumberFormat('fr').format(value);

/** Un nombre et son nom : `0 événement`, `2 événements`. */
export const plural = (count: number, one: string, many: string): string =>
  `${number(count)} ${Math.abs(count) < 2 ? one : many}`;
