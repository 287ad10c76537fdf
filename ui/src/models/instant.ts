// Instants as people read them: in UTC, in local time, or relative to now. An instant comes as ISO text, or as epoch ms inside an
// event's data. What cannot be read is shown as it came, never as "Invalid Date".

export type TimeStyle = 'utc' | 'local' | 'relative';

export type InstantText = string | number;

const formats = new Map<string, Intl.DateTimeFormat>();

function absolute(time: Date, locale: string, style: 'utc' | 'local'): string {
  const key = `${locale} ${style}`;
  let format = formats.get(key);
  if (format === undefined) {
    format = new Intl.DateTimeFormat(locale, {
      day: '2-digit',
      month: 'short',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
      hourCycle: 'h23',
      ...(style === 'utc' ? { timeZone: 'UTC', timeZoneName: 'short' } : {}),
    });
    formats.set(key, format);
  }
  return format.format(time);
}

const steps: readonly (readonly [unit: Intl.RelativeTimeFormatUnit, seconds: number])[] = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
  ['second', 1],
];

function relative(time: number, now: number, locale: string): string {
  const seconds = Math.round((time - now) / 1000);
  const [unit, size] = steps.find(([, step]) => Math.abs(seconds) >= step) ?? ['second', 1];
  return new Intl.RelativeTimeFormat(locale, { numeric: 'auto', style: 'short' }).format(
    Math.trunc(seconds / size),
    unit,
  );
}

/** @param now epoch ms, for the relative style */
export function formatInstant(instant: InstantText, style: TimeStyle, locale: string, now: number): string {
  const time = new Date(instant);
  if (Number.isNaN(time.getTime())) return String(instant);
  return style === 'relative' ? relative(time.getTime(), now, locale) : absolute(time, locale, style);
}

/** The instant in full, to the millisecond, for a title or a copy. */
export function exactInstant(instant: InstantText): string {
  const time = new Date(instant);
  return Number.isNaN(time.getTime()) ? String(instant) : time.toISOString();
}

/** A duration in ms as `83 ms`, `1.2 s` or `3 min 20 s`; the units are the same in both languages. */
export function formatDuration(milliseconds: number, locale: string): string {
  if (milliseconds < 1000) return `${String(Math.round(milliseconds))} ms`;
  if (milliseconds < 60_000) {
    const seconds = new Intl.NumberFormat(locale, { maximumFractionDigits: 1 }).format(milliseconds / 1000);
    return `${seconds} s`;
  }
  const minutes = Math.floor(milliseconds / 60_000);
  const seconds = Math.round((milliseconds - minutes * 60_000) / 1000);
  return seconds === 0 ? `${String(minutes)} min` : `${String(minutes)} min ${String(seconds)} s`;
}
