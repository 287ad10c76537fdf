// The shop as a client sees it: commands and queries over HTTP, nothing else.
import { randomUUID } from 'node:crypto';

/** An answer of one of the APIs. */
export interface Reply<Body> {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Body;
}

/** What an accepted command is answered, as far as tests look at it. */
export interface Accepted {
  readonly commandId: string;
  readonly aggregateId: string;
  readonly version: number;
  readonly position: { readonly topic: string; readonly partition: number; readonly offset: number };
  readonly events: readonly { readonly id: string; readonly type: string; readonly version: number }[];
  readonly token: string;
  readonly code?: string;
  readonly detail?: string;
}

/** An order as the query API shows it, as far as tests look at it. */
export interface Order {
  readonly orderId: string;
  readonly status: string;
  readonly version: number;
  readonly correlationId: string;
  readonly lines: readonly { readonly sku: string; readonly quantity: number; readonly status: string }[];
  readonly rejection?: {
    readonly sku: string;
    readonly reason: string;
    readonly available: number;
    readonly currentUnitPrice: number;
  };
}

export interface StockItem {
  readonly sku: string;
  readonly onHand: number;
  readonly reserved: number;
  readonly available: number;
  readonly version: number;
}

export interface Line {
  readonly sku: string;
  readonly quantity: number;
  readonly unitPrice: number;
}

/** Waits this long for a view, in ms: far beyond what it takes, since a test machine may be busy. */
const patience = 30_000;

async function reply<Body>(response: Response): Promise<Reply<Body>> {
  const text = await response.text();
  return {
    status: response.status,
    headers: response.headers,
    body: (text === '' ? {} : JSON.parse(text)) as Body,
  };
}

/** A client of the two APIs. */
export function shopAt({ commandApi, queryApi }: { commandApi: string; queryApi: string }) {
  const command = async (
    path: string,
    body: unknown,
    key: string = randomUUID(),
    headers: Record<string, string> = {},
  ) =>
    reply<Accepted>(
      await fetch(`${commandApi}${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'idempotency-key': key, ...headers },
        body: JSON.stringify(body),
        signal: AbortSignal.timeout(patience),
      }),
    );

  const query = async <Body>(path: string, after?: string) => {
    const url = new URL(`${queryApi}${path}`);
    if (after !== undefined) {
      url.searchParams.set('after', after);
      url.searchParams.set('wait', '20000');
    }
    return reply<Body>(await fetch(url, { signal: AbortSignal.timeout(patience) }));
  };

  return {
    command,
    query,
    customer: { id: 'c-1', name: 'Zoé Œuvrard', email: 'zoe@example.org', language: 'fr' },

    async registerItem(sku: string, onHand: number, { unitPrice = 450, lowStockThreshold = 0 } = {}) {
      const item = { sku, name: `Item ${sku}`, unitPrice, currency: 'EUR', onHand, lowStockThreshold };
      return command('/v1/stock', item);
    },

    async placeOrder(
      lines: readonly Line[],
      { key = randomUUID(), orderId = randomUUID() }: { key?: string; orderId?: string } = {},
    ) {
      return command('/v1/orders', { orderId, customer: this.customer, currency: 'EUR', lines }, key);
    },

    order: (id: string, after?: string) => query<Order>(`/v1/orders/${id}`, after),
    item: (sku: string, after?: string) => query<StockItem>(`/v1/stock/${sku}`, after),

    /** Asks until the order has the status. @throws Error with what it had, when patience is at its end */
    async orderWith(status: string, id: string): Promise<Order> {
      const deadline = Date.now() + patience;
      for (;;) {
        const { status: http, body } = await query<Order>(`/v1/orders/${id}`);
        if (http === 200 && body.status === status) return body;
        if (Date.now() > deadline)
          throw new Error(
            `order ${id} is ${http === 200 ? body.status : `HTTP ${String(http)}`}, not ${status}`,
          );
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    },

    /** Repeats a command with its key until it is answered with success: what any client does after a lost connection. */
    async untilAccepted(path: string, body: unknown, key: string): Promise<Reply<Accepted>> {
      const deadline = Date.now() + patience;
      for (;;) {
        const answer = await command(path, body, key).catch((error: unknown) => error);
        if (!(answer instanceof Error) && (answer as Reply<Accepted>).status < 300)
          return answer as Reply<Accepted>;
        if (Date.now() > deadline) throw new Error(`${path} was never accepted: ${JSON.stringify(answer)}`);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    },
  };
}

export type Shop = ReturnType<typeof shopAt>;
