// How a message is laid out: paragraphs, and the lines of an order as a list.
import type { Line } from '@comptoir/schemas';

/** Paragraphs, an empty line between them; those that are `undefined` are left out. */
export const letter = (...paragraphs: readonly (string | undefined)[]): string =>
  `${paragraphs.filter((paragraph) => paragraph !== undefined).join('\n\n')}\n`;

/** One list entry per line of an order. */
export const list = (lines: readonly Line[], entry: (line: Line) => string): string =>
  lines.map((line) => `  - ${entry(line)}`).join('\n');

/** How an order is called in a subject: the first eight characters of its id, as people read them out. */
export const shortId = (orderId: string): string => orderId.slice(0, 8);

/** How many pieces of an item an order asked for. */
export const orderedQuantity = (lines: readonly Line[], sku: string): number =>
  lines.find((line) => line.sku === sku)?.quantity ?? 0;

/** The price that an order was quoted for an item, in minor units; `undefined` when it is not in the order. */
export const quotedPrice = (lines: readonly Line[], sku: string): number | undefined =>
  lines.find((line) => line.sku === sku)?.unitPrice;
