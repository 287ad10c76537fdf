// How the panel is built and served in development.
// Both APIs are reached under prefixes of the same origin, as behind the gateway; in development a proxy stands in for it.
// Scripts and styles are files, never inline, so that a strict Content-Security-Policy can stay.
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig, type ProxyOptions } from 'vite';

const upstream = (prefix: string, target: string): ProxyOptions => ({
  target,
  changeOrigin: true,
  rewrite: (path) => path.slice(prefix.length),
});

const proxy = {
  '/command-api': upstream('/command-api', process.env.COMMAND_API_URL ?? 'http://127.0.0.1:3001'),
  '/query-api': upstream('/query-api', process.env.QUERY_API_URL ?? 'http://127.0.0.1:3002'),
};

export default defineConfig({
  plugins: [svelte()],
  build: { target: 'es2023', assetsInlineLimit: 0, modulePreload: { polyfill: false } },
  server: { host: '127.0.0.1', proxy },
  preview: { host: '127.0.0.1', proxy },
});
