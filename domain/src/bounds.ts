// Bounds on what the domain counts: pieces, prices, totals, lines. Every figure stays a whole number that a JavaScript
// number holds exactly and that its Avro field can carry. The HTTP API checks the shape of a command
// before; these checks are what the deciders themselves rely on.

/** The most lines of an order (the command API's own bound as well). */
export const maximumLines = 100;

/** The most pieces of an order line: the field is an Avro `int`, 32 bits with a sign. */
export const maximumQuantity = 2 ** 31 - 1;

/** Whether a number can be the pieces of an order line or a reservation. */
export const isQuantity = (value: number): boolean =>
  Number.isInteger(value) && value >= 1 && value <= maximumQuantity;

/** The largest figure: what avsc writes as an Avro `long` without loss, one less than JavaScript's own bound of 2^53 - 1. */
export const maximumFigure = Number.MAX_SAFE_INTEGER - 1;

/** Whether a number is whole and within what can be written exactly. */
export const isExact = (value: number): boolean =>
  Number.isInteger(value) && Math.abs(value) <= maximumFigure;

/** Whether a number can be a figure that never falls below 0: stock on hand, a threshold, a price in minor units. */
export const isFigure = (value: number): boolean => isExact(value) && value >= 0;

/** Whether a text has the form of an ISO 4217 code. */
export const isCurrency = (text: string): boolean => /^[A-Z]{3}$/.test(text);

/**
 * What the lines of an order cost together.
 * @returns minor units; undefined when that is beyond `maximumFigure` and so could not be exact.
 */
export function totalOf(
  lines: readonly { readonly quantity: number; readonly unitPrice: number }[],
): number | undefined {
  const total = lines.reduce((sum, line) => sum + line.quantity * line.unitPrice, 0);
  // No term is negative, so a product or partial sum that lost exactness has taken the total beyond the bound as well.
  return isExact(total) ? total : undefined;
}
