import { describe, expect, it } from 'vitest';
import { exactInstant, formatDuration, formatInstant } from './instant.ts';

const noon = Date.parse('2026-11-25T12:00:00.000Z');

describe('instants', () => {
  it('are written in UTC when the reader wants that', () => {
    expect(formatInstant('2026-11-25T23:59:58.123Z', 'utc', 'en', noon)).toBe('Nov 25, 23:59:58 UTC');
  });

  it.each([
    [1_000, '1 sec. ago'],
    [90_000, '1 min. ago'],
    [7_200_000, '2 hr. ago'],
    [86_400_000 * 3, '3 days ago'],
  ])('are written relative to now, %i ms ago', (ms, text) => {
    expect(formatInstant(noon - ms, 'relative', 'en', noon)).toBe(text);
  });

  it('come as epoch ms from event data too', () => {
    expect(exactInstant(noon)).toBe('2026-11-25T12:00:00.000Z');
  });

  it('that cannot be read are shown as they came', () => {
    expect(formatInstant('yesterday', 'utc', 'en', noon)).toBe('yesterday');
    expect(exactInstant('yesterday')).toBe('yesterday');
  });
});

describe('durations', () => {
  it.each([
    [82.6, '83 ms'],
    [1234, '1.2 s'],
    [59_900, '59.9 s'],
    [120_000, '2 min'],
    [200_000, '3 min 20 s'],
  ])('of %f ms read %s', (ms, text) => {
    expect(formatDuration(ms, 'en')).toBe(text);
  });
});
