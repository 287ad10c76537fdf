import { describe, expect, it } from 'vitest';
import type { RecordedEvent } from '@comptoir/event-log';
import type { OrderRejected, RefusalReason } from '@comptoir/schemas';
import { reactionsTo } from '../reactor.ts';
import { ada, emilie, instant, lines, orderId, recorded } from '../testing/recorded-events.ts';
import { formats, toLanguage } from './language.ts';
import { notifications, type Notification } from './notifications.ts';
import { translations } from './translations.ts';

const reactor = notifications({ warehouseEmail: 'warehouse@comptoir.example', warehouseLanguage: 'en' });
/** What is told because of an event; Intl's no-break spaces as plain ones. */
const told = (event: RecordedEvent): Notification[] =>
  reactionsTo(reactor, event).map((each) => ({
    ...each,
    text: plain(each.text),
    subject: plain(each.subject),
  }));
const plain = (text: string): string => text.replace(/[\u00a0\u202f]/g, ' ');

const order = { orderId, customer: ada, currency: 'EUR', lines, total: 128_430 };
const rejected = (
  reason: RefusalReason,
  available: number | null,
  currentUnitPrice: number | null,
): OrderRejected => ({
  ...order,
  sku: 'KETTLE',
  reason,
  available,
  currentUnitPrice,
  rejectedAt: instant,
});

describe('a customer is told', () => {
  it('that an order is confirmed, with every line and the total', () => {
    expect(told(recorded({ type: 'OrderConfirmed', data: { ...order, confirmedAt: instant } }))).toEqual([
      {
        kind: 'order-confirmed',
        orderId,
        to: 'ada@example.org',
        language: 'en',
        subject: 'Your order 1b9d6bcd is confirmed',
        text: `Hello Ada Lovelace,

your order ${orderId} was confirmed on 25 November 2026 at 14:05 UTC. Everything in it is set aside for you:

  - 2 pieces of KETTLE at €24.90: €49.80
  - 1 piece of TEAPOT at €1,234.50: €1,234.50

Total: €1,284.30. We ship as soon as it is paid.

Comptoir
`,
      },
    ]);
  });

  it('in French when that is their language', () => {
    const event = recorded({
      type: 'OrderConfirmed',
      data: { ...order, customer: emilie, confirmedAt: instant },
    });
    const [notification] = told(event);
    expect(notification).toMatchObject({
      to: 'emilie@example.org',
      language: 'fr',
      subject: 'Votre commande 1b9d6bcd est confirmée',
    });
    expect(notification?.text).toContain('Bonjour Émilie du Châtelet,');
    expect(notification?.text).toContain('confirmée le 25 novembre 2026 à 14:05 UTC');
    expect(notification?.text).toContain('  - 2 pièces de KETTLE à 24,90 € : 49,80 €');
    expect(notification?.text).toContain('  - 1 pièce de TEAPOT à 1 234,50 € : 1 234,50 €');
    expect(notification?.text).toContain('Total : 1 284,30 €.');
  });

  it.each([
    [
      rejected('INSUFFICIENT_STOCK', 1, 2_490),
      'You ordered 2 pieces of KETTLE, but only 1 piece can be had at the moment.',
      'Vous avez commandé 2 pièces de KETTLE, mais il n’en reste que 1.',
    ],
    [
      rejected('INSUFFICIENT_STOCK', 0, 2_490),
      'You ordered 2 pieces of KETTLE, and none is left in stock.',
      'Vous avez commandé 2 pièces de KETTLE, et il n’en reste plus en stock.',
    ],
    [
      rejected('UNKNOWN_ITEM', null, null),
      'There is no item KETTLE in our assortment.',
      'Il n’y a pas d’article KETTLE dans notre assortiment.',
    ],
    [
      rejected('PRICE_CHANGED', 9, 2_590),
      'The price of KETTLE is now €25.90. It was €24.90 when you ordered. You are welcome to order again at the new price.',
      'Le prix de KETTLE est maintenant de 25,90 €. Il était de 24,90 € lors de votre commande. Vous pouvez commander de nouveau au nouveau prix.',
    ],
    [rejected('CURRENCY_MISMATCH', 9, 2_590), 'KETTLE is not sold in EUR.', 'KETTLE n’est pas vendu en EUR.'],
  ])('why an order is rejected: $reason, $available available', (data, english, french) => {
    expect(plain(translations.en.rejected(data).text)).toContain(`\n\n${english}\n\n`);
    expect(plain(translations.fr.rejected(data).text)).toContain(`\n\n${french}\n\n`);
    expect(told(recorded({ type: 'OrderRejected', data }))).toMatchObject([
      {
        kind: 'order-rejected',
        orderId,
        to: 'ada@example.org',
        subject: 'We cannot take your order 1b9d6bcd',
      },
    ]);
  });

  it('that an order is shipped, by whom, and its tracking number', () => {
    const data = {
      orderId,
      customer: ada,
      lines,
      carrier: 'La Poste',
      trackingNumber: '6A123',
      shippedAt: instant,
    };
    const [notification] = told(recorded({ type: 'OrderShipped', data }));
    expect(notification?.kind).toBe('order-shipped');
    expect(notification?.text).toContain('Carrier: La Poste\nTracking number: 6A123');
    expect(plain(translations.fr.shipped(data).text)).toContain(
      'Transporteur : La Poste\nNuméro de suivi : 6A123',
    );
  });

  const cancelled = {
    ...order,
    cancelledBy: 'customer',
    reason: 'changed my mind',
    refund: 0,
    cancelledAt: instant,
  };

  it('that an order is cancelled, by whom and why', () => {
    const [notification] = told(recorded({ type: 'OrderCancelled', data: cancelled }));
    expect(notification?.kind).toBe('order-cancelled');
    expect(notification?.text).toContain('over €1,284.30 was cancelled as you asked.');
    expect(notification?.text).toContain('Reason: changed my mind');
    expect(notification?.text).toContain('Nothing was charged.');
    expect(translations.en.cancelled({ ...cancelled, cancelledBy: 'shop' }).text).toContain(
      'cancelled by the shop',
    );
    expect(translations.fr.cancelled({ ...cancelled, cancelledBy: 'timer' }).text).toContain(
      'pas été payée à temps',
    );
  });

  it('what is paid back for a paid order', () => {
    const paid = { ...cancelled, refund: 128_430 };
    expect(translations.en.cancelled(paid).text).toContain('You will get back the €1,284.30 that you paid.');
    expect(plain(translations.fr.cancelled(paid).text)).toContain(
      'Les 1 284,30 € que vous avez payés vous seront remboursés.',
    );
  });

  it('nothing about a delivery', () => {
    expect(told(recorded({ type: 'OrderDelivered', data: { orderId, deliveredAt: instant } }))).toEqual([]);
  });
});

describe('the warehouse is told', () => {
  const data = {
    sku: 'KETTLE',
    name: 'Enamel kettle',
    available: 3,
    lowStockThreshold: 5,
    reachedAt: instant,
  };

  it('of low stock', () => {
    expect(told(recorded({ type: 'LowStockReached', data }))).toEqual([
      {
        kind: 'low-stock',
        sku: 'KETTLE',
        to: 'warehouse@comptoir.example',
        language: 'en',
        subject: 'Low stock: KETTLE',
        text: `3 pieces of Enamel kettle (KETTLE) can still be sold.

The threshold of 5 pieces was reached on 25 November 2026 at 14:05 UTC.

Comptoir
`,
      },
    ]);
  });

  it('in its own language', () => {
    expect(plain(translations.fr.lowStock(data).subject)).toBe('Stock bas : KETTLE');
    expect(translations.fr.lowStock(data).text).toContain(
      'Il reste 3 pièces de Enamel kettle (KETTLE) à vendre.',
    );
  });
});

describe('languages', () => {
  it.each([
    ['fr', 'fr'],
    ['FR', 'fr'],
    ['fr-CA', 'fr'],
    ['en', 'en'],
    ['de', 'en'],
    ['', 'en'],
    ['friulian', 'en'],
  ])('%j is answered in %s', (tag, language) => {
    expect(toLanguage(tag)).toBe(language);
  });

  it.each([
    [123_450, 'EUR', '€1,234.50'],
    [0, 'EUR', '€0.00'],
    [5, 'USD', 'US$0.05'],
    [1_500, 'JPY', 'JP¥1,500'],
    [1_234, 'KWD', 'KWD 1.234'],
    [100, 'no currency', '100 no currency'],
  ])('%i minor units of %s are %s', (amount, currency, text) => {
    expect(plain(formats.en.money(amount, currency))).toBe(text);
  });
});
