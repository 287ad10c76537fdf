// Every projection of the shop. A new view is a file beside this one and a line here.
import type { Projection } from '../projection.ts';
import { journal } from './journal.ts';
import { orders } from './orders.ts';
import { sales } from './sales.ts';
import { stock } from './stock.ts';

export const shopProjections: readonly Projection[] = [orders, stock, sales, journal];
