// Every test of the project, in four projects: `unit` needs nothing; `ui` runs the panel's parts in jsdom; `browser` drives the
// built panel in a real browser; `real` runs against Kafka, a registry and MongoDB at the addresses in the environment, and
// starts those that have none.
import { existsSync } from 'node:fs';
import { defineConfig } from 'vitest/config';

const elsewhere = ['**/node_modules/**', '**/dist/**'];

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          environment: 'node',
          include: ['*/src/**/*.test.ts', 'tests/unit/**/*.test.ts'],
          exclude: [...elsewhere, 'ui/**', '**/*.real.test.ts'],
          testTimeout: 20_000,
        },
      },
      ...['ui/vitest.config.ts', 'ui/vitest.browser.config.ts'].filter((file) => existsSync(file)),
      {
        test: {
          name: 'real',
          environment: 'node',
          include: ['*/src/**/*.real.test.ts', 'tests/real/**/*.test.ts'],
          exclude: elsewhere,
          globalSetup: 'launcher/src/testing/real-servers-setup.ts',
          fileParallelism: false,
          testTimeout: 90_000,
          hookTimeout: 180_000,
        },
      },
    ],
  },
});
