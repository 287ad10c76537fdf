// Parts of dates, dates from parts and texts, arithmetic by the calendar, in any time zone. (Manual: "Date Expression Operators".)
import { mongoError } from '../../errors.ts';
import { integerOf } from '../../documents/integer.ts';
import { typeName } from '../../documents/type.ts';
import { docOf, int32, isDoc, isNumeric, ObjectId, Timestamp } from '../../documents/value.ts';
import {
  addUnits,
  countUnits,
  dayOfWeek,
  dayOfYear,
  fromIso,
  HOUR,
  isoDayOfWeek,
  isoWeek,
  isShort,
  MINUTE,
  partsOf,
  SECOND,
  truncate,
  unitOf,
  week,
  weekdayOf,
} from '../date/calendar.ts';
import { formatDate } from '../date/format.ts';
import { parseDate, parseDateFormat } from '../date/parse.ts';
import { instantOf, utc, utcOf, zoneOf } from '../date/zone.ts';
import { byName, named, unary } from '../operand.ts';
import { isNullish } from '../truth.ts';
import { dateOf } from './arithmetic.ts';
import type { Value } from '../../documents/value.ts';
import type { Zone } from '../date/zone.ts';
import type { Compiler } from '../operand.ts';

type Maybe = Value | undefined;

/** The instant of a date, a timestamp or an ObjectId. @throws Location16006 */
function instant(value: Value): number {
  if (value instanceof Date) return value.getTime();
  if (value instanceof Timestamp) return (value.t >>> 0) * 1000;
  if (value instanceof ObjectId) return value.getTimestamp().getTime();
  throw mongoError(16006, `can't convert from BSON type ${typeName(value)} to Date`);
}

/** The zone of an argument; undefined when it is given and null. @throws Location40517 */
function zoneFrom(value: Maybe, given: boolean): Zone | undefined {
  if (!given) return utc;
  if (isNullish(value)) return undefined;
  if (typeof value !== 'string')
    throw mongoError(40517, `timezone must evaluate to a string, found ${typeName(value)}`);
  return zoneOf(value);
}

/** An operator on a local time: its argument is a date, or `{date, timezone}`. */
function part(read: (local: number) => Value): Compiler {
  return (operand, scope, compile, name) => {
    const argument = Array.isArray(operand) && operand.length === 1 ? (operand[0] ?? null) : operand;
    const whole = isDoc(argument) && argument.has('date');
    const given = whole
      ? named(name, argument, { date: 'required', timezone: 'optional' }, 40535)
      : new Map([['date', argument]]);
    const date = compile(given.get('date') ?? null, scope);
    const timezone = compile(given.get('timezone') ?? null, scope);
    return (doc) => {
      const value = date(doc);
      const zone = zoneFrom(timezone(doc), given.has('timezone'));
      if (isNullish(value) || zone === undefined) return null;
      const at = instant(value);
      return read(at + zone(at));
    };
  };
}

const whole = (read: (local: number) => number): Compiler => part((local) => int32(read(local)));

const ISO_FORMAT = '%Y-%m-%dT%H:%M:%S.%LZ';

const dateToString = byName(
  { date: 'required', format: 'optional', timezone: 'optional', onNull: 'optional' },
  18534,
  (given) => {
    const zone = zoneFrom(given.timezone, 'timezone' in given);
    const { date, format } = given;
    if (isNullish(date)) return 'onNull' in given ? given.onNull : null;
    if (zone === undefined || ('format' in given && isNullish(format))) return null;
    if (format !== undefined && typeof format !== 'string')
      throw mongoError(18533, `$dateToString requires that 'format' be a string, found: ${typeName(format)}`);
    const at = instant(date);
    const offset = zone(at);
    const standard = 'timezone' in given && zone !== utc ? ISO_FORMAT.slice(0, -1) : ISO_FORMAT;
    return formatDate(typeof format === 'string' ? format : standard, at + offset, offset);
  },
);

const fromStringParameters = {
  dateString: 'required',
  format: 'optional',
  timezone: 'optional',
  onError: 'optional',
  onNull: 'optional',
} as const;

const dateFromString = byName(fromStringParameters, 40541, (given) => {
  const { dateString, format } = given;
  const zone = zoneFrom(given.timezone, 'timezone' in given);
  if (isNullish(dateString)) return 'onNull' in given ? given.onNull : null;
  if (zone === undefined) return null;
  try {
    if (typeof dateString !== 'string') {
      throw mongoError(
        'ConversionFailure',
        `$dateFromString requires that 'dateString' be a string, found: ${typeName(dateString)}`,
      );
    }
    if (isNullish(format)) return parseDate(dateString, zone);
    if (typeof format !== 'string')
      throw mongoError(40684, `$dateFromString requires that 'format' be a string`);
    return parseDateFormat(dateString, format, zone);
  } catch (error) {
    if ('onError' in given) return given.onError;
    throw error;
  }
});

const datePartNames = {
  year: 'optional',
  month: 'optional',
  day: 'optional',
  isoWeekYear: 'optional',
  isoWeek: 'optional',
  isoDayOfWeek: 'optional',
  hour: 'optional',
  minute: 'optional',
  second: 'optional',
  millisecond: 'optional',
  timezone: 'optional',
} as const;

const dateFromParts = byName(datePartNames, 40518, (given) => {
  const zone = zoneFrom(given.timezone, 'timezone' in given);
  if (zone === undefined) return null;
  for (const [name, value] of Object.entries(given)) if (name !== 'timezone' && isNullish(value)) return null;
  const number = (name: keyof typeof datePartNames, missing: number): number => {
    const value = given[name];
    if (value === undefined) return missing;
    const integer = isNumeric(value) ? integerOf(value) : undefined;
    if (integer === undefined)
      throw mongoError(40515, `'${name}' must evaluate to an integer, found ${typeName(value)}`);
    return Number(integer);
  };
  const day =
    'isoWeekYear' in given
      ? fromIso(number('isoWeekYear', 1970), number('isoWeek', 1), number('isoDayOfWeek', 1))
      : utcOf(number('year', 1970), number('month', 1) - 1, number('day', 1));
  if (!('isoWeekYear' in given) && !('year' in given))
    throw mongoError(40516, "$dateFromParts requires either 'year' or 'isoWeekYear' to be present");
  const time =
    number('hour', 0) * HOUR +
    number('minute', 0) * MINUTE +
    number('second', 0) * SECOND +
    number('millisecond', 0);
  return dateOf(instantOf(day + time, zone));
});

const dateToParts = byName(
  { date: 'required', timezone: 'optional', iso8601: 'optional' },
  40520,
  (given) => {
    const zone = zoneFrom(given.timezone, 'timezone' in given);
    const { date } = given;
    if (isNullish(date) || zone === undefined) return null;
    const at = instant(date);
    const local = at + zone(at);
    const { year, month, day, ...time } = partsOf(local);
    const iso = isoWeek(local);
    const head =
      given.iso8601 === true
        ? { isoWeekYear: int32(iso.year), isoWeek: int32(iso.week), isoDayOfWeek: int32(isoDayOfWeek(local)) }
        : { year: int32(year), month: int32(month), day: int32(day) };
    const { hour, minute, second, millisecond } = time;
    return docOf({
      ...head,
      hour: int32(hour),
      minute: int32(minute),
      second: int32(second),
      millisecond: int32(millisecond),
    });
  },
);

function text(value: Maybe, what: string): string {
  if (typeof value !== 'string')
    throw mongoError(5439013, `${what} must be a string, but is ${typeName(value)}`);
  return value;
}

function dateArithmetic(sign: 1 | -1): Compiler {
  return byName(
    { startDate: 'required', unit: 'required', amount: 'required', timezone: 'optional' },
    5166400,
    (given, name) => {
      const { startDate, unit, amount } = given;
      const zone = zoneFrom(given.timezone, 'timezone' in given);
      if (isNullish(startDate) || isNullish(unit) || isNullish(amount) || zone === undefined) return null;
      const units = unitOf(text(unit, `${name} unit`));
      const count = isNumeric(amount) ? integerOf(amount) : undefined;
      if (count === undefined) throw mongoError(5166405, `${name} expects integer amount of time units`);
      const at = instant(startDate);
      const added = Number(count) * sign;
      if (isShort(units)) return dateOf(addUnits(at, units, added));
      return dateOf(instantOf(addUnits(at + zone(at), units, added), zone));
    },
  );
}

const dateDiff = byName(
  {
    startDate: 'required',
    endDate: 'required',
    unit: 'required',
    timezone: 'optional',
    startOfWeek: 'optional',
  },
  5166302,
  (given) => {
    const { startDate, endDate, unit, startOfWeek } = given;
    const zone = zoneFrom(given.timezone, 'timezone' in given);
    if (isNullish(startDate) || isNullish(endDate) || isNullish(unit) || zone === undefined) return null;
    const units = unitOf(text(unit, '$dateDiff unit'));
    if (units === 'week' && 'startOfWeek' in given && isNullish(startOfWeek)) return null;
    const first = isNullish(startOfWeek) ? 0 : weekdayOf(text(startOfWeek, '$dateDiff startOfWeek'));
    const [from, to] = [instant(startDate), instant(endDate)];
    const local = (at: number): number => at + zone(at);
    return BigInt(countUnits(local(from), local(to), units, first));
  },
);

const dateTrunc = byName(
  { date: 'required', unit: 'required', binSize: 'optional', timezone: 'optional', startOfWeek: 'optional' },
  5439007,
  (given) => {
    const { date, unit, binSize, startOfWeek } = given;
    const zone = zoneFrom(given.timezone, 'timezone' in given);
    if (
      isNullish(date) ||
      isNullish(unit) ||
      zone === undefined ||
      ('binSize' in given && isNullish(binSize))
    )
      return null;
    const units = unitOf(text(unit, '$dateTrunc unit'));
    const size = binSize === undefined ? 1 : isNumeric(binSize) ? Number(integerOf(binSize) ?? 0n) : 0;
    if (size < 1) throw mongoError(5439018, "$dateTrunc requires 'binSize' to be greater than 0");
    const first = isNullish(startOfWeek) ? 0 : weekdayOf(text(startOfWeek, '$dateTrunc startOfWeek'));
    const at = instant(date);
    return dateOf(instantOf(truncate(at + zone(at), units, size, first), zone));
  },
);

export const dateOperators: readonly (readonly [string, Compiler])[] = [
  ['$year', whole((local) => partsOf(local).year)],
  ['$month', whole((local) => partsOf(local).month)],
  ['$dayOfMonth', whole((local) => partsOf(local).day)],
  ['$hour', whole((local) => partsOf(local).hour)],
  ['$minute', whole((local) => partsOf(local).minute)],
  ['$second', whole((local) => partsOf(local).second)],
  ['$millisecond', whole((local) => partsOf(local).millisecond)],
  ['$dayOfYear', whole(dayOfYear)],
  ['$dayOfWeek', whole(dayOfWeek)],
  ['$week', whole(week)],
  ['$isoDayOfWeek', whole(isoDayOfWeek)],
  ['$isoWeek', whole((local) => isoWeek(local).week)],
  ['$isoWeekYear', part((local) => BigInt(isoWeek(local).year))],
  ['$dateToString', dateToString],
  ['$dateFromString', dateFromString],
  ['$dateFromParts', dateFromParts],
  ['$dateToParts', dateToParts],
  ['$dateAdd', dateArithmetic(1)],
  ['$dateSubtract', dateArithmetic(-1)],
  ['$dateDiff', dateDiff],
  ['$dateTrunc', dateTrunc],
  ['$tsSecond', timestampPart((value) => value.t >>> 0)],
  ['$tsIncrement', timestampPart((value) => value.i >>> 0)],
];

function timestampPart(read: (value: Timestamp) => number): Compiler {
  return unary((value, name) => {
    if (isNullish(value)) return null;
    if (value instanceof Timestamp) return BigInt(read(value));
    throw mongoError(5687301, `Argument to ${name} must be a timestamp, but is ${typeName(value)}`);
  });
}
