// Makes the lines of the services readable: `12:03:04.123 command-api WARN partition lost topic=orders`, with a colour per
// service on a terminal. A line that is not pino's is shown as it is.

/** pino's levels, by number and by name. */
const levels: Readonly<Record<string, number>> = {
  trace: 10,
  debug: 20,
  info: 30,
  warn: 40,
  error: 50,
  fatal: 60,
  silent: 100,
};

const colours = { grey: 90, red: 31, yellow: 33, bold: 1 } as const;
/** Legible on dark and light terminals; none of them means anything. */
const palette = [36, 35, 34, 32, 96, 95, 94, 92];
const nameWidth = 15;

/** How lines are shown. */
export interface LineStyle {
  /** Lines below this pino level are left out. */
  readonly level: string;
  readonly colour: boolean;
}

type Fields = Readonly<Record<string, unknown>>;

const paint = (text: string, code: number, { colour }: LineStyle): string =>
  colour ? `\u001b[${String(code)}m${text}\u001b[0m` : text;

const colourOf = (name: string): number => {
  let sum = 0;
  for (const character of name) sum = (sum * 31 + (character.codePointAt(0) ?? 0)) % 997;
  return palette[sum % palette.length] ?? colours.bold;
};

/** The fields of a JSON object in a line, or `undefined`. */
export function parseLogLine(line: string): Fields | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    const parsed: unknown = JSON.parse(line);
    return typeof parsed === 'object' && parsed !== null ? { ...parsed } : undefined;
  } catch {
    return undefined;
  }
}

const levelName = (level: unknown): string =>
  typeof level === 'number'
    ? (Object.keys(levels).find((name) => levels[name] === level) ?? String(level))
    : String(level);

const shownElsewhere = new Set(['level', 'time', 'msg', 'service', 'pid', 'hostname', 'err']);

const textOf = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

const valueOf = (value: unknown): string => {
  const text = textOf(value);
  return /^[^\s"=]+$/u.test(text) ? text : JSON.stringify(value);
};

function errorLines(error: unknown): string {
  if (error === undefined) return '';
  const { stack, message } = { stack: error, message: undefined, ...(error as object) };
  return `\n${textOf(stack ?? message ?? error).replaceAll(/^/gmu, '    ')}`;
}

/**
 * One line for people.
 *
 * @param name - who wrote it
 * @returns `undefined` when the line is below the level
 */
export function formatLine(name: string, line: string, style: LineStyle): string | undefined {
  const prefix = paint(name.padEnd(nameWidth), colourOf(name), style);
  const fields = parseLogLine(line);
  if (fields === undefined || !('level' in fields)) return `${' '.repeat(12)} ${prefix} ${line}`;
  const level = levelName(fields.level);
  if ((levels[level] ?? 30) < (levels[style.level] ?? 30)) return undefined;
  const time = new Date(typeof fields.time === 'number' ? fields.time : String(fields.time));
  const clock = Number.isNaN(time.getTime()) ? ' '.repeat(12) : time.toISOString().slice(11, 23);
  const severity = levels[level] ?? 30;
  const tint = severity >= 50 ? colours.red : severity >= 40 ? colours.yellow : colours.grey;
  const rest = Object.entries(fields)
    .filter(([field]) => !shownElsewhere.has(field))
    .map(([field, value]) => ` ${paint(`${field}=`, colours.grey, style)}${valueOf(value)}`)
    .join('');
  return `${paint(clock, colours.grey, style)} ${prefix} ${paint(level.toUpperCase().padEnd(5), tint, style)} ${textOf(fields.msg ?? '')}${rest}${errorLines(fields.err)}`;
}

/** The more talkative of two levels. */
export const lowerLevel = (one: string, other: string): string =>
  (levels[one] ?? 30) <= (levels[other] ?? 30) ? one : other;
