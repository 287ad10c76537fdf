// Every test of the project. `unit` needs nothing; `ui` runs the panel's parts in jsdom; `browser` drives the built panel in a real
// browser. `embedded` and `real` are the same files, against Kafka, a registry and MongoDB at the addresses in the environment; those that
// have none are started, embedded or real. `conformance` asks both kinds of servers the same questions, through independent clients.
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
          include: ['*/src/**/*.test.ts', 'embedded/**/*.test.ts', 'tests/unit/**/*.test.ts'],
          exclude: [...elsewhere, 'ui/**', '**/*.servers.test.ts'],
          testTimeout: 20_000,
        },
      },
      ...['ui/vitest.config.ts', 'ui/vitest.browser.config.ts'].filter((file) => existsSync(file)),
      ...(['embedded', 'real'] as const).map((kind) => ({
        test: {
          name: kind,
          environment: 'node' as const,
          include: ['*/src/**/*.servers.test.ts', 'tests/end-to-end/**/*.test.ts'],
          exclude: elsewhere,
          globalSetup: `launcher/src/testing/${kind}-servers-setup.ts`,
          fileParallelism: false,
          testTimeout: 90_000,
          hookTimeout: 180_000,
        },
      })),
      {
        test: {
          name: 'conformance',
          environment: 'node',
          include: ['tests/conformance/**/*.test.ts'],
          exclude: elsewhere,
          globalSetup: 'tests/conformance/setup.ts',
          fileParallelism: false,
          testTimeout: 120_000,
          hookTimeout: 300_000,
        },
      },
    ],
  },
});
