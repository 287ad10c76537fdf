// JSON as Avro's Java library reads and writes it. `JSON.parse` will not do: a schema's text is compared and kept, so the order
// of members (`"2"` before `"1"`), the kind of a number (`1` is no `1.0`) and a long beyond 2^53 must survive; and comments are
// allowed. Numbers stay text; objects are Maps.

/** A number, in the form that Java writes: `1`, `1.0`, `1.0E10`. */
export interface JsonNumber {
  readonly number: string;
}
export type JsonObject = ReadonlyMap<string, JsonValue>;
export type JsonValue = null | boolean | string | JsonNumber | readonly JsonValue[] | JsonObject;

/** The text is no JSON. The message says where. */
export class JsonSyntaxError extends Error {
  override readonly name = 'JsonSyntaxError';
}

/** Jackson stops at 1,000 (StreamReadConstraints); half of it leaves room on V8's stack for what recurses over the value. */
const deepest = 500;

const blank = /[ \t\r\n]+|\/\*[\s\S]*?\*\/|\/\/[^\n]*/y;
const number = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const word = /[a-z]+/y;

export const isObject = (value: JsonValue | undefined): value is JsonObject => value instanceof Map;
export const isArray = (value: JsonValue | undefined): value is readonly JsonValue[] => Array.isArray(value);
export const isNumber = (value: JsonValue | undefined): value is JsonNumber =>
  typeof value === 'object' && value !== null && 'number' in value;

/** Whether a number is written without fraction and exponent, as Avro's `int` and `long` need. */
export const isIntegral = ({ number: text }: JsonNumber): boolean => /^-?\d+$/u.test(text);

/**
 * Reads JSON; of a member that is there twice, the last counts.
 * @throws JsonSyntaxError
 */
export function parseJson(text: string): JsonValue {
  let at = 0;
  const token = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at;
    const found = pattern.exec(text)?.[0];
    if (found !== undefined) at += found.length;
    return found;
  };
  const fail = (): never => {
    const found = at >= text.length ? 'end' : JSON.stringify(text.slice(at, at + 20));
    throw new JsonSyntaxError(`unexpected ${found} at character ${String(at)}`);
  };
  const skipBlanks = (): void => {
    while (token(blank) !== undefined);
  };
  /** Takes `mark` when it comes next, and the blanks around it. */
  const take = (mark: string): boolean => {
    skipBlanks();
    if (text[at] !== mark) return false;
    at += 1;
    skipBlanks();
    return true;
  };
  // By hand: over a text of a megabyte, a regular expression runs out of stack.
  const readString = (): string => {
    if (text[at] !== '"') fail();
    let end = at + 1;
    while (end < text.length && text[end] !== '"') end += text[end] === '\\' ? 2 : 1;
    try {
      const value = JSON.parse(text.slice(at, end + 1)) as string;
      at = end + 1;
      return value;
    } catch {
      return fail();
    }
  };
  const readValue = (depth: number): JsonValue => {
    if (depth > deepest) throw new JsonSyntaxError(`nested deeper than ${String(deepest)} levels`);
    if (take('{')) {
      const members = new Map<string, JsonValue>();
      if (take('}')) return members;
      do {
        const name = readString();
        if (!take(':')) fail();
        members.set(name, readValue(depth + 1));
      } while (take(','));
      return take('}') ? members : fail();
    }
    if (take('[')) {
      const items: JsonValue[] = [];
      if (take(']')) return items;
      do items.push(readValue(depth + 1));
      while (take(','));
      return take(']') ? items : fail();
    }
    if (text[at] === '"') return readString();
    const literal = token(number);
    if (literal !== undefined)
      return { number: /[.eE]/u.test(literal) ? javaDouble(Number(literal)) : literal };
    const name = token(word);
    if (name === 'true' || name === 'false') return name === 'true';
    return name === 'null' ? null : fail();
  };
  skipBlanks();
  const value = readValue(0);
  skipBlanks();
  return at === text.length ? value : fail();
}

/** A double as Java's `Double.toString` writes it: decimal from 10^-3 up to 10^7, else with an exponent. */
export function javaDouble(value: number): string {
  const size = Math.abs(value);
  if (!Number.isFinite(value)) return String(value);
  if (size === 0) return Object.is(value, -0) ? '-0.0' : '0.0';
  const [digits = '', exponent = ''] = value.toExponential().split('e');
  const fraction = (decimal: string): string => (decimal.includes('.') ? decimal : `${decimal}.0`);
  return size >= 1e-3 && size < 1e7
    ? fraction(String(value))
    : `${fraction(digits)}E${String(Number(exponent))}`;
}

/** Writes JSON without blanks; with `sorted`, the members of every object in the order of their names. */
export function printJson(value: JsonValue, sorted = false): string {
  if (isNumber(value)) return value.number;
  if (isArray(value)) return `[${value.map((item) => printJson(item, sorted)).join(',')}]`;
  if (!isObject(value)) return JSON.stringify(value);
  const members = [...value];
  if (sorted) members.sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${printJson(member, sorted)}`).join(',')}}`;
}
