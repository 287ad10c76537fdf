// Regular expressions of MongoDB (PCRE2) as those of JavaScript: the options i, m, s, x and u, inline options at the start, and PCRE's own
// spellings where JavaScript has the same thing under another name. What JavaScript cannot do is refused, never approximated in silence.
import { mongoError } from '../errors.ts';

/** Longest pattern (MongoDB: Regular Expression Limits), in bytes. */
const LONGEST = 32764;
const MOST_KEPT = 500;

const compiled = new Map<string, RegExp>();

/**
 * The regular expression of a pattern and its options.
 *
 * @throws Location51108 on an unknown option, Location51091 on a pattern that is malformed or cannot be served
 */
export function regularExpression(pattern: string, options: string): RegExp {
  const key = `${options}/${pattern}`;
  let regex = compiled.get(key);
  if (regex === undefined) {
    regex = translate(pattern, options);
    if (compiled.size >= MOST_KEPT) compiled.clear();
    compiled.set(key, regex);
  }
  return regex;
}

function translate(pattern: string, options: string): RegExp {
  for (const option of options) {
    if (!'imsxu'.includes(option)) throw mongoError(51108, `invalid flag in regex options: ${option}`);
  }
  if (pattern.length > LONGEST)
    throw mongoError(51091, 'Regular expression is invalid: pattern string too long');
  let flags = options;
  let source = pattern;
  if (source.startsWith('(*UTF8)')) source = source.slice('(*UTF8)'.length);
  const inline = /^\(\?([imsx]+)\)/.exec(source);
  if (inline !== null) {
    flags += inline[1] ?? '';
    source = source.slice(inline[0].length);
  }
  const extended = flags.includes('x');
  const javascript = translateBody(source, extended, flags.includes('m'));
  try {
    return new RegExp(javascript, [...new Set(flags)].filter((flag) => 'ims'.includes(flag)).join('') + 'u');
  } catch {
    return looser(javascript, flags, pattern);
  }
}

/** PCRE lets any character be escaped and braces stand alone; JavaScript does so without its flag u. */
function looser(javascript: string, flags: string, pattern: string): RegExp {
  try {
    return new RegExp(javascript, [...new Set(flags)].filter((flag) => 'ims'.includes(flag)).join(''));
  } catch (error) {
    throw mongoError(
      51091,
      `Regular expression is invalid: /${pattern}/: ${error instanceof Error ? error.message : ''}`,
    );
  }
}

const posixClasses = new Map([
  ['alpha', 'A-Za-z'],
  ['digit', '0-9'],
  ['alnum', 'A-Za-z0-9'],
  ['upper', 'A-Z'],
  ['lower', 'a-z'],
  ['space', '\\t\\n\\v\\f\\r '],
  ['blank', '\\t '],
  ['punct', '!-\\/:-@\\[-`{-~'],
  ['xdigit', '0-9A-Fa-f'],
  ['word', 'A-Za-z0-9_'],
  ['cntrl', '\\x00-\\x1f\\x7f'],
  ['print', '\\x20-\\x7e'],
  ['graph', '\\x21-\\x7e'],
]);

function refuse(what: string): never {
  throw mongoError(51091, `Regular expression is invalid: ${what} is not served`);
}

const BODY =
  /(?<escape>\\(?:Q.*?(?:\\E|$)|x\{[0-9A-Fa-f]+\}|[\s\S]|$))|(?<posix>\[:\^?[a-z]+:\])|(?<group>\(\?(?:[#>|&R(]|P?[<'](?![=!])[A-Za-z_]\w*[>']|P[=>]\w+\)?|[imsx-]+[:)])?|\(\*)|(?<possessive>(?:[*+?]|\{\d+(?:,\d*)?\})\+)|(?<char>[\s\S])/gu;

function translateBody(source: string, extended: boolean, multiline: boolean): string {
  let out = '';
  let inClass = false;
  let inComment = false;
  for (const match of source.matchAll(BODY)) {
    const [text] = match;
    const { escape, posix, group, possessive } = match.groups ?? {};
    if (inComment) {
      inComment = text !== '\n';
    } else if (escape !== undefined) out += translateEscape(escape, inClass, multiline);
    else if (posix !== undefined && inClass) {
      const name = posix.replace(/[[\]:^]/g, '');
      if (posix.includes('^')) refuse(posix);
      out += posixClasses.get(name) ?? refuse(posix);
    } else if (inClass) {
      if (text === ']') inClass = false;
      out += text === '[' ? '\\[' : text;
    } else if (group !== undefined) out += translateGroup(group);
    else if (possessive !== undefined) refuse('a possessive quantifier');
    else if (extended && /\s/.test(text)) continue;
    else if (extended && text === '#') inComment = true;
    else if (text.startsWith('[')) {
      inClass = true;
      out += text;
    } else if (text === '$' && !multiline) out += '(?=\\n?(?![\\s\\S]))';
    else out += text;
  }
  return out;
}

function translateEscape(escape: string, inClass: boolean, multiline: boolean): string {
  const letter = escape.charAt(1);
  if (letter === 'Q')
    return escape
      .slice(2)
      .replace(/\\E$/, '')
      .replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
  if (escape.startsWith('\\x{'))
    return String.fromCodePoint(parseInt(escape.slice(3, -1), 16)).replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
  if (letter === 'E') return '';
  if (letter === 'e') return '\\x1b';
  if (letter === 'a') return '\\x07';
  if (letter === 'h') return inClass ? '\\t ' : '[\\t ]';
  if (letter === 'R' && !inClass) return '(?:\\r\\n|[\\n-\\r])';
  if (!inClass && letter === 'A') return multiline ? '(?<![\\s\\S])' : '^';
  if (!inClass && letter === 'Z') return '(?=\\n?(?![\\s\\S]))';
  if (!inClass && letter === 'z') return '(?![\\s\\S])';
  if ('GKXCHVN'.includes(letter)) return refuse(escape);
  return escape;
}

function translateGroup(group: string): string {
  if (group === '(?#') return refuse('a comment in a group');
  if (/^\(\?P?[<'][A-Za-z_]/.test(group)) return `(?<${group.replace(/^\(\?P?[<']/, '').slice(0, -1)}>`;
  if (group.startsWith('(?P=')) return `\\k<${group.slice(4).replace(')', '')}>`;
  if (/^\(\?[imsx-]+\)$/.test(group)) return refuse('an option in the middle');
  if (/^\(\?[ims-]+:$/.test(group) || group === '(?') return group;
  return refuse(group);
}

/**
 * The text with which every match of a pattern begins; undefined when there is none.
 */
export function literalPrefix(pattern: string, options: string): string | undefined {
  if (/[imx]/.test(options) || !pattern.startsWith('^') || pattern.includes('|')) return undefined;
  const [, text = '', next = ''] =
    /^\^((?:[^\\^$.*+?()[\]{}|]|\\[^A-Za-z0-9])*)([\s\S]?)/.exec(pattern) ?? [];
  // A quantifier may take the last character away.
  const certain = '*?{'.includes(next) && next !== '' ? text.replace(/\\?[\s\S]$/u, '') : text;
  const literal = certain.replace(/\\([\s\S])/g, '$1');
  return literal === '' ? undefined : literal;
}
