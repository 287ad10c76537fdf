import { describe, expect, it } from 'vitest';
import { formatMoney, moneyInputText, parseMoney, totalOf } from './money.ts';

describe('money', () => {
  it('is written in the language of the reader', () => {
    expect(formatMoney(1250, 'EUR', 'en')).toBe('€12.50');
    expect(formatMoney(1250, 'EUR', 'fr').replaceAll(/\s/gu, ' ')).toBe('12,50 €');
  });

  it('has as many decimals as its currency', () => {
    expect(formatMoney(1250, 'JPY', 'en')).toBe('¥1,250');
    expect(parseMoney('1250', 'JPY')).toBe(1250);
    expect(parseMoney('12.5', 'JPY')).toBeUndefined();
  });

  it('is shown as a bare figure when the currency is not one', () => {
    expect(formatMoney(1250, 'not a currency', 'en')).toBe('12.50');
  });

  it.each([
    ['12.50', 1250],
    ['12,5', 1250],
    ['12', 1200],
    ['1 250,05', 125_005],
    ['0.07', 7],
  ])('reads %s as %i minor units', (text, minorUnits) => {
    expect(parseMoney(text, 'EUR')).toBe(minorUnits);
  });

  it.each(['', 'free', '-3', '1.234', '1e3', '12.3.4'])('does not read %j as money', (text) => {
    expect(parseMoney(text, 'EUR')).toBeUndefined();
  });

  it.each(['en', 'fr'])('reads back what it writes into a field in %s', (locale) => {
    for (const amount of [0, 7, 1250, 123_456_789]) {
      expect(parseMoney(moneyInputText(amount, 'EUR', locale), 'EUR')).toBe(amount);
    }
  });

  it('sums lines', () => {
    expect(
      totalOf([
        { quantity: 2, unitPrice: 1250 },
        { quantity: 1, unitPrice: 5900 },
      ]),
    ).toBe(8400);
  });
});
