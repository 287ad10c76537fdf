// Which events somebody is told of, and what they are told: the reactor `notifications`.
// Confirmed, rejected, shipped and cancelled go to the customer in their language, low stock to the warehouse in its own.
// One notification per event: its id is the event's, so an event read twice tells nobody twice.
import type { RecordedEvent } from '@comptoir/event-log';
import type { Customer } from '@comptoir/schemas';
import type { NotificationKind } from '@comptoir/views';
import { declareReactor, type Reactor } from '../reactor.ts';
import { toLanguage, type Language } from './language.ts';
import type { Text, Texts } from './texts.ts';
import { translations } from './translations.ts';

/** What one person is told because of one event. */
export interface Notification extends Text {
  readonly kind: NotificationKind;
  readonly orderId?: string;
  readonly sku?: string;
  /** A mail address. */
  readonly to: string;
  readonly language: Language;
}

export interface WarehouseOptions {
  /** Who hears of low stock. */
  readonly warehouseEmail: string;
  readonly warehouseLanguage: Language;
}

function toCustomer(
  kind: NotificationKind,
  { orderId, customer }: { readonly orderId: string; readonly customer: Customer },
  write: (texts: Texts) => Text,
): Notification[] {
  const language = toLanguage(customer.language);
  return [{ kind, orderId, to: customer.email, language, ...write(translations[language]) }];
}

/** Declares the reactor that tells people. */
export const notifications = ({
  warehouseEmail,
  warehouseLanguage,
}: WarehouseOptions): Reactor<Notification> =>
  declareReactor<Notification>({
    name: 'notifications',
    topics: ['orders', 'stock'],
    // Notifications do not wait for one another: all of a batch are one wave.
    orderingKey: (event: RecordedEvent) => event.id,
    on: {
      OrderConfirmed: ({ data }) => toCustomer('order-confirmed', data, ({ confirmed }) => confirmed(data)),
      OrderRejected: ({ data }) => toCustomer('order-rejected', data, ({ rejected }) => rejected(data)),
      OrderShipped: ({ data }) => toCustomer('order-shipped', data, ({ shipped }) => shipped(data)),
      OrderCancelled: ({ data }) => toCustomer('order-cancelled', data, ({ cancelled }) => cancelled(data)),
      LowStockReached: ({ data }) => [
        {
          kind: 'low-stock',
          sku: data.sku,
          to: warehouseEmail,
          language: warehouseLanguage,
          ...translations[warehouseLanguage].lowStock(data),
        },
      ],
    },
  });
