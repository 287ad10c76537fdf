// Dates to texts. (Manual: "$dateToString: Format Specifiers".)
import { mongoError } from '../../errors.ts';
import { dayOfWeek, dayOfYear, isoDayOfWeek, isoWeek, MINUTE, partsOf, week } from './calendar.ts';

const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];

const padded = (value: number, width: number): string => String(value).padStart(width, '0');

function offsetText(offset: number): string {
  const minutes = Math.abs(Math.trunc(offset / MINUTE));
  return `${offset < 0 ? '-' : '+'}${padded(Math.floor(minutes / 60), 2)}${padded(minutes % 60, 2)}`;
}

function specifier(letter: string, local: number, offset: number): string {
  const parts = partsOf(local);
  switch (letter) {
    case 'Y':
      return padded(parts.year, 4);
    case 'm':
      return padded(parts.month, 2);
    case 'd':
      return padded(parts.day, 2);
    case 'H':
      return padded(parts.hour, 2);
    case 'M':
      return padded(parts.minute, 2);
    case 'S':
      return padded(parts.second, 2);
    case 'L':
      return padded(parts.millisecond, 3);
    case 'j':
      return padded(dayOfYear(local), 3);
    case 'w':
      return String(dayOfWeek(local));
    case 'u':
      return String(isoDayOfWeek(local));
    case 'U':
      return padded(week(local), 2);
    case 'V':
      return padded(isoWeek(local).week, 2);
    case 'G':
      return padded(isoWeek(local).year, 4);
    case 'b':
      return (MONTHS[parts.month - 1] ?? '').slice(0, 3);
    case 'B':
      return MONTHS[parts.month - 1] ?? '';
    case 'z':
      return offsetText(offset);
    case 'Z':
      return `${offset < 0 ? '-' : '+'}${String(Math.abs(Math.trunc(offset / MINUTE)))}`;
    case '%':
      return '%';
    default:
      throw mongoError(18536, `Invalid format character '%${letter}' in format string`);
  }
}

/**
 * A local time in a format.
 *
 * @param offset of the zone, in milliseconds
 * @throws Location18535 and 18536 on a malformed format
 */
export function formatDate(format: string, local: number, offset: number): string {
  return format.replace(/%([\s\S]?)/g, (_found, letter: string) => {
    if (letter === '') throw mongoError(18535, "Unmatched '%' at end of format string");
    return specifier(letter, local, offset);
  });
}
