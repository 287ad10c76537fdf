// What the parts of the fake shop hand to each other.
import type { JournalEvent, Order, OrderLine, StockItem } from '../src/services/contract.ts';

export type Mutable<Type> = { -readonly [Key in keyof Type]: Type[Key] };
export type OrderDraft = Mutable<Omit<Order, 'lines'>> & { lines: Mutable<OrderLine>[] };

export interface NewEvent {
  readonly type: string;
  /** Where the key alone does not tell: an item that nobody registered. */
  readonly topic?: 'orders' | 'stock';
  readonly key: string;
  readonly data: Record<string, unknown>;
}

export interface Cause {
  readonly commandId: string;
  readonly causationId?: string;
  readonly correlationId: string;
  readonly actor: string;
}

/** What the reactions are made with. */
export interface FakeTools {
  readonly stock: ReadonlyMap<string, Mutable<StockItem>>;
  readonly append: (event: NewEvent, cause: Cause) => JournalEvent;
  readonly setStock: (
    item: Mutable<StockItem>,
    onHand: number,
    reserved: number,
    event: JournalEvent,
  ) => void;
  readonly touch: (order: OrderDraft, event: JournalEvent) => void;
  readonly notify: (kind: string, order: OrderDraft, event: JournalEvent, subject: string) => void;
  readonly later: (what: () => void) => void;
  readonly reaction: (event: JournalEvent) => Cause;
}
