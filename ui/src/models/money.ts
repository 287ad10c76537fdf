// Money as people write it, from and to integers of minor units. The number of decimals is the currency's own (Intl, ISO 4217).

const formats = new Map<string, Intl.NumberFormat>();

function formatOf(currency: string, locale: string): Intl.NumberFormat {
  const key = `${locale} ${currency}`;
  const known = formats.get(key);
  if (known !== undefined) return known;
  let format: Intl.NumberFormat;
  try {
    format = new Intl.NumberFormat(locale, { style: 'currency', currency });
  } catch {
    // Not the form of a currency code: the figure is still worth showing.
    format = new Intl.NumberFormat(locale, { minimumFractionDigits: 2, maximumFractionDigits: 2 });
  }
  formats.set(key, format);
  return format;
}

/** How many decimals the currency has: 2 for EUR, 0 for JPY. */
export const decimalsOf = (currency: string): number =>
  formatOf(currency, 'en').resolvedOptions().maximumFractionDigits ?? 2;

/** Writes an amount in minor units, e.g. `1250` EUR as `€12.50` or `12,50 €`. */
export const formatMoney = (minorUnits: number, currency: string, locale: string): string =>
  formatOf(currency, locale).format(minorUnits / 10 ** decimalsOf(currency));

/** Writes an amount for an input field: no symbol, no grouping, the language's own decimal sign. */
export function moneyInputText(minorUnits: number, currency: string, locale: string): string {
  const decimals = decimalsOf(currency);
  return new Intl.NumberFormat(locale, {
    useGrouping: false,
    minimumFractionDigits: decimals,
    maximumFractionDigits: decimals,
  }).format(minorUnits / 10 ** decimals);
}

/** Reads what somebody typed (`12.5`, `12,50`, `1 250`) in minor units; `undefined` when it is not an amount of the currency. */
export function parseMoney(text: string, currency: string): number | undefined {
  const compact = text.replaceAll(/[\s\u00a0\u202f']/gu, '').replace(',', '.');
  const match = /^(\d{1,11})(?:\.(\d*))?$/.exec(compact);
  if (match === null) return undefined;
  const [, whole = '', fraction = ''] = match;
  const decimals = decimalsOf(currency);
  if (fraction.length > decimals) return undefined;
  return Number(whole + fraction.padEnd(decimals, '0'));
}

/** What a list of lines comes to, in minor units. */
export const totalOf = (
  lines: readonly { readonly quantity: number; readonly unitPrice: number }[],
): number => lines.reduce((sum, { quantity, unitPrice }) => sum + quantity * unitPrice, 0);
