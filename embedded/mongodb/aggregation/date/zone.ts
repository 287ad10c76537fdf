// Time zones: names of the Olson database through Intl, and offsets such as +02:00. A local time is a count of milliseconds as if it were UTC.
import { mongoError } from '../../errors.ts';

/** A zone: the offset of its local time from UTC at an instant, in milliseconds. */
export type Zone = (instant: number) => number;

const MINUTE = 60_000;
const MOST_KEPT = 100;

const kept = new Map<string, Zone>();

export const utc: Zone = () => 0;

/** @throws Location40485 on an unknown zone */
export function zoneOf(name: string): Zone {
  if (name === 'UTC' || name === 'GMT' || name === 'Z') return utc;
  let zone = kept.get(name);
  if (zone === undefined) {
    zone = offsetZone(name) ?? namedZone(name);
    if (kept.size >= MOST_KEPT) kept.clear();
    kept.set(name, zone);
  }
  return zone;
}

function offsetZone(name: string): Zone | undefined {
  const match = /^([+-])(\d{2}):?(\d{2})?$/.exec(name);
  if (match === null) return undefined;
  const offset = (Number(match[2]) * 60 + Number(match[3] ?? 0)) * MINUTE * (match[1] === '-' ? -1 : 1);
  return () => offset;
}

function namedZone(name: string): Zone {
  let format: Intl.DateTimeFormat;
  try {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone: name,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
      era: 'short',
    });
  } catch {
    throw mongoError(40485, `unrecognized time zone identifier: "${name}"`);
  }
  return (instant) => {
    const parts = new Map(format.formatToParts(instant).map(({ type, value }) => [type, value]));
    const part = (type: Intl.DateTimeFormatPartTypes): number => Number(parts.get(type) ?? 0);
    const year = parts.get('era') === 'BC' ? 1 - part('year') : part('year');
    const local = utcOf(year, part('month') - 1, part('day'), part('hour'), part('minute'), part('second'));
    return local - Math.floor(instant / 1000) * 1000;
  };
}

/** `Date.UTC`, without its treatment of the years 0 to 99. */
export function utcOf(
  year: number,
  month: number,
  day: number,
  hour = 0,
  minute = 0,
  second = 0,
  millisecond = 0,
): number {
  const date = new Date(0);
  date.setUTCFullYear(year, month, day);
  date.setUTCHours(hour, minute, second, millisecond);
  return date.getTime();
}

/** The instant at which a zone's clocks show a local time. */
export function instantOf(local: number, zone: Zone): number {
  const guess = local - zone(local);
  // Near a change of the clocks the offset of the guess may be another one.
  return local - zone(guess);
}
