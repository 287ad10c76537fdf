// Chaque mot du panneau en français. Les noms du code (types d'événements, topics, champs) ne sont pas traduits : c'est ce que
// l'on trouve dans le journal. Le type `Messages` garantit qu'il ne manque rien.
import { frame } from './fr/frame.ts';
import { log } from './fr/log.ts';
import { orders } from './fr/orders.ts';
import { stock } from './fr/stock.ts';
import type { Messages } from './messages.ts';

export const fr: Messages = { ...frame, ...orders, ...stock, ...log };
