// Every test of the project, in four projects: `unit` needs nothing; `ui` runs the panel's parts in jsdom; `browser` drives the
// built panel in a real browser; `real` runs against Kafka, a registry and MongoDB at the addresses in the environment.
import { defineConfig } from 'vitest/config';

const node = { environment: 'node', exclude: ['**/node_modules/**', '**/dist/**'] } as const;

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          ...node,
          name: 'unit',
          include: ['*/src/**/*.test.ts', 'tests/unit/**/*.test.ts'],
          exclude: [...node.exclude, 'ui/**', '**/*.real.test.ts'],
          testTimeout: 20_000,
        },
      },
      'ui/vitest.config.ts',
      'ui/vitest.browser.config.ts',
      {
        test: {
          ...node,
          name: 'real',
          include: ['*/src/**/*.real.test.ts', 'tests/real/**/*.test.ts'],
          fileParallelism: false,
          testTimeout: 90_000,
          hookTimeout: 180_000,
        },
      },
    ],
  },
});
