// Reading fields out of an event's data, whose shape is the writer's affair: a field that is missing or of another type is
// simply not there, so an event of a later schema is shown with what can be read of it.

export type EventData = Readonly<Record<string, unknown>>;

/** A field that is a text; `undefined` when it is missing or something else. */
export function textOf(data: EventData, field: string): string | undefined {
  const value = data[field];
  return typeof value === 'string' ? value : undefined;
}

/** A field that is a number; `undefined` when it is missing or something else. */
export function numberOf(data: EventData, field: string): number | undefined {
  const value = data[field];
  return typeof value === 'number' ? value : undefined;
}

/** The lines of an order event; anything that is not a line is left out. */
export function linesOf(data: EventData): readonly { sku: string; quantity: number }[] {
  const value = data.lines;
  if (!Array.isArray(value)) return [];
  return value.flatMap((line: unknown) => {
    if (typeof line !== 'object' || line === null) return [];
    const fields = line as EventData;
    const sku = textOf(fields, 'sku');
    const quantity = numberOf(fields, 'quantity');
    return sku === undefined || quantity === undefined ? [] : [{ sku, quantity }];
  });
}

/** Writes data as indented JSON. */
export const prettyJson = (data: unknown): string => JSON.stringify(data, null, 2);
