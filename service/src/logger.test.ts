import { afterEach, expect, it, vi } from 'vitest';
import { createLogger } from './logger.ts';

afterEach(() => {
  vi.unstubAllEnvs();
});

it.each([
  ['', 'info'],
  ['loud', 'info'],
  ['debug', 'debug'],
  ['silent', 'silent'],
])('logs with LOG_LEVEL=%j at level %s', (variable, level) => {
  vi.stubEnv('LOG_LEVEL', variable);
  expect(createLogger({ service: 'test' }).level).toBe(level);
});
