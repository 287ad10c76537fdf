import { describe, expect, it } from 'vitest';
import { formatLine, lowerLevel } from './log-lines.ts';

const plain = { level: 'info', colour: false };
const line = (fields: Record<string, unknown>): string =>
  JSON.stringify({ level: 'info', time: '2026-11-25T12:03:04.123Z', service: 'query-api', ...fields });

describe('a line of a service', () => {
  it('is shown with its time, service, level, message and fields', () => {
    expect(
      formatLine(
        'query-api',
        line({ msg: 'ready', address: 'http://127.0.0.1:3002', text: 'two words' }),
        plain,
      ),
    ).toBe('12:03:04.123 query-api       INFO  ready address=http://127.0.0.1:3002 text="two words"');
  });

  it('may carry its level and time as numbers', () => {
    expect(formatLine('x', '{"level":40,"time":0,"msg":"late"}', plain)).toBe(
      '00:00:00.000 x               WARN  late',
    );
  });

  it('is left out below the level asked for', () => {
    expect(formatLine('x', line({ level: 'debug', msg: 'detail' }), plain)).toBeUndefined();
    expect(formatLine('x', line({ level: 'debug', msg: 'detail' }), { ...plain, level: 'debug' })).toContain(
      'detail',
    );
  });

  it('shows the stack of an error below it', () => {
    const text = formatLine(
      'x',
      line({ level: 'error', msg: 'broken', err: { stack: 'Error: no\n  at a' } }),
      plain,
    );
    expect(text).toContain('broken\n    Error: no\n      at a');
  });

  it('is shown as it is when it is not JSON', () => {
    expect(formatLine('x', '(node:1) Warning: old', plain)).toBe(
      '             x               (node:1) Warning: old',
    );
    expect(formatLine('x', '{not json', plain)).toContain('{not json');
  });

  it('has colours only where they are wanted', () => {
    expect(formatLine('x', line({ msg: 'a' }), plain)).not.toContain('\u001b');
    expect(formatLine('x', line({ msg: 'a' }), { ...plain, colour: true })).toContain('\u001b[');
  });
});

it('takes the more talkative of two levels', () => {
  expect(lowerLevel('warn', 'info')).toBe('info');
  expect(lowerLevel('debug', 'info')).toBe('debug');
});
