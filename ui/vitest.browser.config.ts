// The panel in a real browser, against a fake of both APIs. The panel must have been built (`npm run build -w @comptoir/ui`).
// One file after the other: they share the machine's browser, and times are part of what they look at.
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    name: 'browser',
    root: import.meta.dirname,
    environment: 'node',
    include: ['browser/**/*.test.ts'],
    fileParallelism: false,
    // Another container's start is no fault of the panel: see browser/panel.ts.
    retry: { count: 3, condition: /ERR_NETWORK_CHANGED/ },
    testTimeout: 30_000,
    hookTimeout: 90_000,
  },
});
