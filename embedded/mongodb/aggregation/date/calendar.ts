// Calendar arithmetic on local times (milliseconds as if UTC): parts, ISO weeks, adding, counting and cutting by units.
import { mongoError } from '../../errors.ts';
import { utcOf } from './zone.ts';

export const SECOND = 1000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;
const WEEK = 7 * DAY;

export type Unit =
  'year' | 'quarter' | 'month' | 'week' | 'day' | 'hour' | 'minute' | 'second' | 'millisecond';

/** Units of a fixed length, in milliseconds. */
const lengths = new Map<Unit, number>([
  ['week', WEEK],
  ['day', DAY],
  ['hour', HOUR],
  ['minute', MINUTE],
  ['second', SECOND],
  ['millisecond', 1],
]);

const months = new Map<Unit, number>([
  ['year', 12],
  ['quarter', 3],
  ['month', 1],
]);

/** @throws FailedToParse (9) */
export function unitOf(name: string): Unit {
  const unit = name as Unit;
  if (!lengths.has(unit) && !months.has(unit))
    throw mongoError('FailedToParse', `unknown time unit value: ${name}`);
  return unit;
}

/** Whether a unit is of hours or less, which count by instants and not by the calendar. */
export function isShort(unit: Unit): boolean {
  return !months.has(unit) && unit !== 'week' && unit !== 'day';
}

const weekdays = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'];

/** The number of a day's name (0 is Sunday), which may be cut to three letters. @throws FailedToParse (9) */
export function weekdayOf(name: string): number {
  const lower = name.toLowerCase();
  const found = weekdays.findIndex((day) => day === lower || day.slice(0, 3) === lower);
  if (found < 0) throw mongoError('FailedToParse', `unknown day of week value: ${name}`);
  return found;
}

export interface Parts {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly millisecond: number;
}

export function partsOf(local: number): Parts {
  const date = new Date(local);
  return {
    year: date.getUTCFullYear(),
    month: date.getUTCMonth() + 1,
    day: date.getUTCDate(),
    hour: date.getUTCHours(),
    minute: date.getUTCMinutes(),
    second: date.getUTCSeconds(),
    millisecond: date.getUTCMilliseconds(),
  };
}

const floorTo = (value: number, step: number): number => Math.floor(value / step) * step;

/** 1 for the first of January. */
export function dayOfYear(local: number): number {
  return Math.floor((local - utcOf(new Date(local).getUTCFullYear(), 0, 1)) / DAY) + 1;
}

/** 1 is Sunday. */
export function dayOfWeek(local: number): number {
  return new Date(local).getUTCDay() + 1;
}

/** 1 is Monday. */
export function isoDayOfWeek(local: number): number {
  return ((dayOfWeek(local) + 5) % 7) + 1;
}

/** Weeks begin on Sundays; days before the year's first Sunday are in week 0. */
export function week(local: number): number {
  return Math.floor((dayOfYear(local) + 6 - (dayOfWeek(local) - 1)) / 7);
}

/** The year that an ISO week belongs to, and its number: week 1 has the year's first Thursday. */
export function isoWeek(local: number): { year: number; week: number } {
  const thursday = local + (4 - isoDayOfWeek(local)) * DAY;
  const { year } = partsOf(thursday);
  return { year, week: Math.floor((dayOfYear(thursday) - 1) / 7) + 1 };
}

/** The local time of an ISO date. */
export function fromIso(year: number, weekNumber: number, day: number): number {
  const fourth = utcOf(year, 0, 4);
  return fourth + ((weekNumber - 1) * 7 + day - isoDayOfWeek(fourth)) * DAY;
}

/** Adds units; a day that the month does not have becomes its last. */
export function addUnits(local: number, unit: Unit, amount: number): number {
  const fixed = lengths.get(unit);
  if (fixed !== undefined) return local + amount * fixed;
  const { year, month, day, ...time } = partsOf(local);
  const total = year * 12 + month - 1 + amount * (months.get(unit) ?? 1);
  const [newYear, newMonth] = [Math.floor(total / 12), ((total % 12) + 12) % 12];
  const lastDay = new Date(utcOf(newYear, newMonth + 1, 0)).getUTCDate();
  return utcOf(
    newYear,
    newMonth,
    Math.min(day, lastDay),
    time.hour,
    time.minute,
    time.second,
    time.millisecond,
  );
}

/** How many borders of a unit lie between two local times. */
export function countUnits(from: number, to: number, unit: Unit, startOfWeek: number): number {
  const perMonth = months.get(unit);
  if (perMonth !== undefined) return monthBin(to, perMonth) - monthBin(from, perMonth);
  return binNumber(to, unit, startOfWeek) - binNumber(from, unit, startOfWeek);
}

function monthBin(local: number, size: number): number {
  const { year, month } = partsOf(local);
  return Math.floor((year * 12 + month - 1) / size);
}

function binNumber(local: number, unit: Unit, startOfWeek: number): number {
  const length = lengths.get(unit) ?? 1;
  // The first of January 1970 was a Thursday.
  const shift = unit === 'week' ? ((startOfWeek - 4 + 7) % 7) * DAY : 0;
  return Math.floor((local - shift) / length);
}

/** The first of January 2000, from which $dateTrunc counts its bins. */
const REFERENCE = utcOf(2000, 0, 1);

/** The beginning of the bin, of some units, that a local time is in. */
export function truncate(local: number, unit: Unit, size: number, startOfWeek: number): number {
  const perMonth = months.get(unit);
  if (perMonth !== undefined) {
    const bins = floorTo(monthBin(local, 1) - 2000 * 12, perMonth * size) + 2000 * 12;
    return utcOf(Math.floor(bins / 12), ((bins % 12) + 12) % 12, 1);
  }
  // The first of January 2000 was a Saturday.
  const reference = unit === 'week' ? REFERENCE + ((startOfWeek - 6 + 7) % 7) * DAY : REFERENCE;
  return floorTo(local - reference, (lengths.get(unit) ?? 1) * size) + reference;
}
