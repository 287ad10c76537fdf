// The form that registers a stock item, read into the command's input, or the problems of its fields.

import type { RegisterStockItemInput } from '../services/commands.ts';
import { parseMoney } from './money.ts';

export type RegistrationForm = Readonly<Record<keyof RegisterStockItemInput, string>>;
export type RegistrationProblem = 'required' | 'sku' | 'price' | 'currency' | 'count';

export interface RegistrationResult {
  readonly input: RegisterStockItemInput | undefined;
  readonly problems: Readonly<Partial<Record<keyof RegisterStockItemInput, RegistrationProblem>>>;
}

const parseCount = (text: string): number | undefined =>
  /^\d{1,9}$/.test(text.trim()) ? Number(text) : undefined;

/** What the form comes to: the item to register, or what is wrong with each field. */
export function registrationOf(form: RegistrationForm): RegistrationResult {
  const sku = form.sku.trim();
  const name = form.name.trim();
  const currency = form.currency.trim().toUpperCase();
  const currencyIsCode = /^[A-Z]{3}$/.test(currency);
  const unitPrice = currencyIsCode ? parseMoney(form.unitPrice, currency) : undefined;
  const onHand = parseCount(form.onHand);
  const lowStockThreshold = parseCount(form.lowStockThreshold);
  const problems: Partial<Record<keyof RegisterStockItemInput, RegistrationProblem>> = {
    ...(sku === ''
      ? { sku: 'required' }
      : /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(sku)
        ? {}
        : { sku: 'sku' }),
    ...(name === '' ? { name: 'required' } : {}),
    ...(currencyIsCode ? {} : { currency: 'currency' }),
    ...(unitPrice === undefined && currencyIsCode ? { unitPrice: 'price' } : {}),
    ...(onHand === undefined ? { onHand: 'count' } : {}),
    ...(lowStockThreshold === undefined ? { lowStockThreshold: 'count' } : {}),
  };
  if (
    Object.keys(problems).length > 0 ||
    unitPrice === undefined ||
    onHand === undefined ||
    lowStockThreshold === undefined
  ) {
    return { input: undefined, problems };
  }
  return { input: { sku, name, unitPrice, currency, onHand, lowStockThreshold }, problems: {} };
}
