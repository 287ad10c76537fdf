// Every word of the panel in English; its shape is the shape of every other language. Names from the code (event types, topics,
// fields) are not translated: they are what a reader will find in the log.
import { frame } from './en/frame.ts';
import { log } from './en/log.ts';
import { orders } from './en/orders.ts';
import { stock } from './en/stock.ts';

export const en = { ...frame, ...orders, ...stock, ...log };
