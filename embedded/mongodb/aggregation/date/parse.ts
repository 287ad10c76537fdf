// Texts to dates: ISO 8601 and its usual variants, or a given format. (Manual: "$dateFromString".)
import { mongoError } from '../../errors.ts';
import { instantOf, utc, utcOf, zoneOf } from './zone.ts';
import type { Zone } from './zone.ts';

const ISO =
  /^(?<Y>\d{4})-?(?<m>\d{2})(?:-?(?<d>\d{2})(?:[T ](?<H>\d{2})(?::?(?<M>\d{2})(?::?(?<S>\d{2})(?:[.,](?<L>\d{1,9}))?)?)?\s*(?<z>Z|UTC|GMT|[+-]\d{2}:?(?:\d{2})?)?)?)?$/i;

/**
 * The date of a text.
 *
 * @param zone of texts that name none
 * @throws ConversionFailure (241)
 */
export function parseDate(text: string, zone: Zone = utc): Date {
  const match = ISO.exec(text.trim());
  if (match?.groups === undefined) return parseLoosely(text);
  return assemble(
    new Map(
      Object.entries(match.groups).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
    ),
    zone,
    text,
  );
}

function parseLoosely(text: string): Date {
  // Forms with the name of a month ("April 5, 2024", "5 Apr 2024 10:00 GMT") are read by JavaScript, as UTC.
  const named = /[A-Za-z]{3}/.test(text) && /\d{4}/.test(text);
  const zoned = /(?:Z|UTC|GMT|[+-]\d{2}:?\d{2})\s*$/i.test(text);
  const date = named ? new Date(zoned ? text : `${text} UTC`) : new Date(NaN);
  if (Number.isNaN(date.getTime())) throw unparsed(text, 'Unexpected character');
  return date;
}

function unparsed(text: string, why: string): Error {
  return mongoError('ConversionFailure', `Error parsing date string '${text}'; ${why}`);
}

function assemble(parts: ReadonlyMap<string, string>, zone: Zone, text: string): Date {
  const part = (name: string, missing: number): number => Number(parts.get(name) ?? missing);
  const [year, month, day] = [part('Y', 1970), part('m', 1), part('d', 1)];
  const [hour, minute, second] = [part('H', 0), part('M', 0), part('S', 0)];
  const millisecond = Math.trunc(Number(`0.${parts.get('L') ?? '0'}`) * 1000 + 1e-9);
  if (month < 1 || month > 12 || day < 1 || day > 31 || hour > 24 || minute > 59 || second > 60) {
    throw unparsed(text, 'a part of the date is out of range');
  }
  const local = parts.has('j')
    ? utcOf(year, 0, part('j', 1), hour, minute, second, millisecond)
    : utcOf(year, month - 1, day, hour, minute, second, millisecond);
  const named = parts.get('z') ?? parts.get('Z');
  const where = named === undefined ? zone : zoneOf(named.toUpperCase());
  return new Date(instantOf(local, where));
}

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];

const formatPatterns = new Map([
  ['Y', '\\d{4}'],
  ['m', '\\d{1,2}'],
  ['d', '\\d{1,2}'],
  ['H', '\\d{1,2}'],
  ['M', '\\d{1,2}'],
  ['S', '\\d{1,2}'],
  ['L', '\\d{1,3}'],
  ['j', '\\d{1,3}'],
  ['z', 'Z|[+-]\\d{2}:?\\d{2}'],
  ['b', '[A-Za-z]{3}'],
  ['B', '[A-Za-z]+'],
]);

/** @throws ConversionFailure (241) when the text is not of the format, Location18535 on an unknown specifier */
export function parseDateFormat(text: string, format: string, zone: Zone): Date {
  const names: string[] = [];
  const source = format.replace(/%(.?)|[\\^$.*+?()[\]{}|/]/g, (found, letter: string | undefined) => {
    if (letter === undefined) return `\\${found}`;
    if (letter === '%') return '%';
    const pattern = formatPatterns.get(letter);
    if (pattern === undefined)
      throw mongoError(18535, `Invalid format character '%${letter}' in format string`);
    names.push(letter);
    return `(${pattern})`;
  });
  const match = new RegExp(`^${source}$`).exec(text);
  if (match === null) throw unparsed(text, `it is not of the format '${format}'`);
  const parts = new Map(names.map((name, at) => [name, match[at + 1] ?? '']));
  const month = parts.get('b') ?? parts.get('B');
  if (month !== undefined) parts.set('m', String(MONTHS.indexOf(month.slice(0, 3).toLowerCase()) + 1));
  const fraction = parts.get('L');
  if (fraction !== undefined) parts.set('L', fraction.padStart(3, '0'));
  return assemble(parts, zone, text);
}
