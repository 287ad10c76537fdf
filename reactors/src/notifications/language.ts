// The languages of notifications, and how figures are written in each. Money and dates through Intl, instants in UTC.

/** A language that every text exists in. */
export type Language = 'en' | 'fr';

/** The language for what a customer asked for: `fr`, `fr-CA` and `FR` are French; anything unknown is English. */
export const toLanguage = (tag: string): Language => (/^fr\b/i.test(tag) ? 'fr' : 'en');

const locales: Readonly<Record<Language, string>> = { en: 'en-GB', fr: 'fr-FR' };

/** Writes figures in one language. */
export interface Format {
  /** @param amount - in minor units of the currency @param currency - ISO 4217 */
  readonly money: (amount: number, currency: string) => string;
  /** @param instant - epoch ms */
  readonly instant: (instant: number) => string;
  /** A plain figure. */
  readonly number: (figure: number) => string;
  /** `1 piece`, `3 pieces`. */
  readonly count: (quantity: number, one: string, many: string) => string;
}

function createFormat(locale: string): Format {
  const dates = new Intl.DateTimeFormat(locale, { dateStyle: 'long', timeStyle: 'short', timeZone: 'UTC' });
  const numbers = new Intl.NumberFormat(locale);
  const plurals = new Intl.PluralRules(locale);
  const currencies = new Map<string, Intl.NumberFormat>();

  function currencyFormat(currency: string): Intl.NumberFormat {
    const known = currencies.get(currency);
    if (known !== undefined) return known;
    const format = new Intl.NumberFormat(locale, { style: 'currency', currency });
    currencies.set(currency, format);
    return format;
  }

  return {
    money(amount, currency) {
      // Intl throws at what is no currency code; a mail with a plain figure is better than no mail, and no partition stops.
      if (!/^[A-Z]{3}$/.test(currency)) return `${numbers.format(amount)} ${currency}`;
      const format = currencyFormat(currency);
      const digits = format.resolvedOptions().maximumFractionDigits ?? 2;
      return format.format(amount / 10 ** digits);
    },
    number: (figure) => numbers.format(figure),
    instant: (instant) => `${dates.format(instant)} UTC`,
    count: (quantity, one, many) =>
      `${numbers.format(quantity)} ${plurals.select(quantity) === 'one' ? one : many}`,
  };
}

/** How figures are written, by language. */
export const formats: Readonly<Record<Language, Format>> = {
  en: createFormat(locales.en),
  fr: createFormat(locales.fr),
};
