// The rules of a stock item: which command does what in which state. It holds pieces for orders at the price quoted to the
// customer, or says why it cannot (a fact, ReservationRefused, since the order must learn of it). Pieces available are
// never negative, and an order reserves an item at most once. The states and their fold are in stock-item-state.ts.
import type { RefusalReason, StockEvent } from '@comptoir/schemas';
import { isCurrency, isExact, isFigure, isQuantity, maximumFigure } from './bounds.ts';
import type { CommandOf, StockItemCommand } from './commands.ts';
import { accept, exhausted, refuse, type Decision } from './decider.ts';
import { availableOf, type RegisteredStockItem, type StockItemState } from './stock-item-state.ts';

type StockDecision = Decision<StockEvent>;

function register({ data, at }: CommandOf<'RegisterStockItem'>, state: StockItemState): StockDecision {
  const { sku, name, unitPrice, currency, onHand, lowStockThreshold } = data;
  if (state.status !== 'unregistered') {
    return refuse('stock-item-exists', `There is a stock item ${sku} already.`, { sku });
  }
  if (!isFigure(unitPrice)) return refusePrice(sku, unitPrice);
  if (!isCurrency(currency)) {
    return refuse('invalid-currency', `${currency} is not an ISO 4217 currency code.`, { currency });
  }
  if (!isFigure(onHand)) return refusePieces('Stock on hand', sku, onHand);
  if (!isFigure(lowStockThreshold)) return refusePieces('The threshold', sku, lowStockThreshold);
  return accept({
    type: 'StockItemRegistered',
    data: { sku, name, unitPrice, currency, onHand, lowStockThreshold, registeredAt: at },
  });
}

const refusePrice = (sku: string, unitPrice: number): StockDecision =>
  refuse(
    'invalid-price',
    `The price of ${sku} must be a whole number of minor units from 0 on, not ${String(unitPrice)}.`,
    { sku, unitPrice },
  );

const refusePieces = (what: string, sku: string, pieces: number): StockDecision =>
  refuse('invalid-quantity', `${what} of ${sku} must be a whole number of pieces, not ${String(pieces)}.`, {
    sku,
    pieces,
  });

/** The mail to the warehouse is due when the available pieces pass the threshold on their way down, not while they are below. */
function lowStockReached(item: RegisteredStockItem, availableAfter: number, at: number): StockEvent[] {
  const { sku, name, lowStockThreshold } = item;
  return availableOf(item) > lowStockThreshold && lowStockThreshold >= availableAfter
    ? [
        {
          type: 'LowStockReached',
          data: { sku, name, available: availableAfter, lowStockThreshold, reachedAt: at },
        },
      ]
    : [];
}

function adjust({ data, at }: CommandOf<'AdjustStock'>, item: RegisteredStockItem): StockDecision {
  const { sku, reason, note } = data;
  if ('counted' in data && !isFigure(data.counted)) return refusePieces('The count', sku, data.counted);
  const delta = 'counted' in data ? data.counted - item.onHand : data.delta;
  if (!isExact(delta)) return refusePieces('The adjustment', sku, delta);
  // A count that finds what the books say is worth recording; any other adjustment by nothing is a mistake.
  if (delta === 0 && reason !== 'counted') {
    return refuse('delta-zero', `An adjustment of ${sku} by 0 pieces changes nothing.`, { sku });
  }
  const { reserved } = item;
  const onHand = item.onHand + delta;
  if (!isExact(onHand)) {
    const message = `${sku} would have more pieces on hand than can be counted exactly.`;
    return refuse('on-hand-too-large', message, { maximum: maximumFigure });
  }
  if (onHand < reserved) {
    const message = `${sku} has ${String(item.onHand)} pieces on hand and ${String(reserved)} of them reserved; ${String(onHand)} would not be enough.`;
    return refuse('adjustment-below-reserved', message, {
      sku,
      onHand: item.onHand,
      reserved,
      available: availableOf(item),
      wanted: onHand,
    });
  }
  return accept<StockEvent>(
    { type: 'StockAdjusted', data: { sku, delta, onHand, reason, note, adjustedAt: at } },
    ...lowStockReached(item, onHand - reserved, at),
  );
}

function changePrice({ data, at }: CommandOf<'ChangePrice'>, item: RegisteredStockItem): StockDecision {
  const { sku, unitPrice } = data;
  const { unitPrice: previousUnitPrice, currency } = item;
  if (!isFigure(unitPrice)) return refusePrice(sku, unitPrice);
  if (unitPrice === previousUnitPrice) {
    const message = `${sku} costs ${String(unitPrice)} in minor units of ${currency} already.`;
    return refuse('price-unchanged', message, { sku, unitPrice });
  }
  return accept({
    type: 'PriceChanged',
    data: { sku, previousUnitPrice, unitPrice, currency, changedAt: at },
  });
}

/** Why the pieces cannot be held; the first reason that is true, from the item itself to its quantity. */
function reasonAgainst(
  { data }: CommandOf<'ReserveStock'>,
  item: RegisteredStockItem,
): RefusalReason | undefined {
  if (data.currency !== item.currency) return 'CURRENCY_MISMATCH';
  if (data.unitPrice !== item.unitPrice) return 'PRICE_CHANGED';
  if (data.quantity > availableOf(item)) return 'INSUFFICIENT_STOCK';
  return undefined;
}

/** An order that has reserved the item before gets the same answer if it asks for the same, and never a second reservation. */
function answerAgain(
  { data }: CommandOf<'ReserveStock'>,
  item: RegisteredStockItem,
): StockDecision | undefined {
  const { sku, orderId, quantity, unitPrice, currency } = data;
  if (item.ended.has(orderId)) {
    const message = `The reservation of ${sku} for order ${orderId} has ended; an order reserves an item once.`;
    return refuse('reservation-ended', message, { sku, orderId });
  }
  const open = item.reservations.get(orderId);
  if (open === undefined) return undefined;
  if (open.quantity === quantity && open.unitPrice === unitPrice && item.currency === currency)
    return accept();
  const message = `Order ${orderId} holds ${String(open.quantity)} of ${sku} on other terms already.`;
  return refuse('reservation-conflict', message, { sku, orderId, ...open });
}

function reserve(command: CommandOf<'ReserveStock'>, state: StockItemState): StockDecision {
  const { data, at } = command;
  const { sku, orderId, quantity, unitPrice, currency } = data;
  if (!isQuantity(quantity)) return refusePieces('The quantity', sku, quantity);
  if (!isFigure(unitPrice)) return refusePrice(sku, unitPrice);
  const refused = (
    reason: RefusalReason,
    available: number | null,
    currentUnitPrice: number | null,
  ): StockDecision => {
    const asked = { sku, orderId, quantity, unitPrice, currency };
    return accept({
      type: 'ReservationRefused',
      data: { ...asked, reason, available, currentUnitPrice, refusedAt: at },
    });
  };
  if (state.status === 'unregistered') return refused('UNKNOWN_ITEM', null, null);
  const again = answerAgain(command, state);
  if (again !== undefined) return again;
  const reason = reasonAgainst(command, state);
  if (reason !== undefined) return refused(reason, availableOf(state), state.unitPrice);
  return accept<StockEvent>(
    { type: 'StockReserved', data: { sku, orderId, quantity, unitPrice, reservedAt: at } },
    ...lowStockReached(state, availableOf(state) - quantity, at),
  );
}

function release({ data, at }: CommandOf<'ReleaseReservation'>, state: StockItemState): StockDecision {
  const { sku, orderId } = data;
  const open = state.status === 'registered' ? state.reservations.get(orderId) : undefined;
  // A rejected order releases all its lines, also those that were refused: nothing is held, so nothing happens.
  if (open === undefined) return accept();
  return accept({
    type: 'ReservationReleased',
    data: { sku, orderId, quantity: open.quantity, releasedAt: at },
  });
}

function shipReservation(
  { data, at }: CommandOf<'ShipReservation'>,
  item: RegisteredStockItem,
): StockDecision {
  const { sku, orderId } = data;
  const open = item.reservations.get(orderId);
  if (open !== undefined) {
    return accept({ type: 'StockShipped', data: { sku, orderId, quantity: open.quantity, shippedAt: at } });
  }
  return item.ended.has(orderId)
    ? refuse('reservation-ended', `The reservation of ${sku} for order ${orderId} has ended.`, {
        sku,
        orderId,
      })
    : refuse('reservation-not-found', `Order ${orderId} has not reserved ${sku}.`, { sku, orderId });
}

/** What a command does to a stock item: its events, none when it repeats what is so already, or a refusal. */
export function decideStockItem(command: StockItemCommand, state: StockItemState): StockDecision {
  switch (command.type) {
    case 'RegisterStockItem':
      return register(command, state);
    case 'ReserveStock':
      return reserve(command, state);
    case 'ReleaseReservation':
      return release(command, state);
    case 'AdjustStock':
    case 'ChangePrice':
    case 'ShipReservation':
      return state.status === 'unregistered'
        ? refuse('stock-item-not-found', `There is no stock item ${command.data.sku}.`, {
            sku: command.data.sku,
          })
        : decideRegistered(command, state);
    default:
      return exhausted(command);
  }
}

function decideRegistered(
  command: CommandOf<'AdjustStock' | 'ChangePrice' | 'ShipReservation'>,
  item: RegisteredStockItem,
): StockDecision {
  switch (command.type) {
    case 'AdjustStock':
      return adjust(command, item);
    case 'ChangePrice':
      return changePrice(command, item);
    case 'ShipReservation':
      return shipReservation(command, item);
    default:
      return exhausted(command);
  }
}
