// The panel's addresses. Each page is a chunk of its own, loaded when it is first visited.
// (sv-router recognises a lazy page by the text `() => import(…)`: keep that form.)
import { createRouter } from 'sv-router';
import type { RouterLike } from './state/address.svelte.ts';

const created = createRouter({
  '/': () => import('./pages/OverviewPage.svelte'),
  '/orders': () => import('./pages/OrdersPage.svelte'),
  '/orders/new': () => import('./pages/NewOrderPage.svelte'),
  '/orders/:id': () => import('./pages/OrderPage.svelte'),
  '/stock': () => import('./pages/StockPage.svelte'),
  '/stock/new': () => import('./pages/NewStockItemPage.svelte'),
  '/stock/:sku': () => import('./pages/StockItemPage.svelte'),
  '/notifications': () => import('./pages/NotificationsPage.svelte'),
  '/events': () => import('./pages/EventsPage.svelte'),
  '/events/:topic/:partition/:offset': () => import('./pages/EventPage.svelte'),
  '/projections': () => import('./pages/ProjectionsPage.svelte'),
  '/projections/:name': () => import('./pages/ProjectionPage.svelte'),
  '*': () => import('./pages/NotFoundPage.svelte'),
});

export const router: RouterLike = {
  route: created.route,
  // A complete path is no longer one of the patterns; '/' only stands for "one without parameters".
  go: (path, options) => created.navigate(path as '/', options),
};
