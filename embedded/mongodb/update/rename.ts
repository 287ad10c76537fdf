// $rename: takes the value of one path away and puts it at another. (Manual: "$rename".)
import { mongoError } from '../errors.ts';
import { arrayIndex } from '../documents/path.ts';
import { show } from '../documents/show.ts';
import type { Doc, Value } from '../documents/value.ts';
import type { Change } from './tree.ts';

function bad(message: string): never {
  throw mongoError('BadValue', message);
}

/** The two changes of a $rename. Without its source it does nothing. */
export function rename(from: string, argument: Value): { from: Change; to: Change; path: string } {
  if (typeof argument !== 'string')
    return bad(`The 'to' field for $rename must be a string: ${from}: ${show(argument)}`);
  if (argument === from)
    bad(`The source and target field for $rename must differ: ${from}: ${show(argument)}`);
  for (const [path, side] of [
    [from, 'source'],
    [argument, 'destination'],
  ] as const) {
    if (path.includes('.$')) bad(`The ${side} field for $rename may not be dynamic: ${path}`);
  }
  if (argument.startsWith(`${from}.`) || from.startsWith(`${argument}.`)) {
    bad(`The source and target field for $rename must not be on the same path: ${from}: ${show(argument)}`);
  }
  return {
    path: argument,
    from: { blocked: 'ignore', apply: () => undefined },
    to: {
      blocked: 'create',
      idle: ({ doc }) => valueOutsideArrays(doc, from, 'source') === undefined,
      apply: (value, path, { doc }) => {
        valueOutsideArrays(doc, path, 'destination');
        const moved = valueOutsideArrays(doc, from, 'source');
        return moved === undefined ? value : moved;
      },
    },
  };
}

/** The value at a path; undefined when it is missing. @throws BadValue (2) when it is in an array, PathNotViable (28) when something stands in the way of the source */
function valueOutsideArrays(doc: Doc, path: string, side: 'source' | 'destination'): Value | undefined {
  let value: Value | undefined = doc;
  let name = '';
  for (const part of path.split('.')) {
    if (Array.isArray(value) && arrayIndex(part) >= 0) {
      const id = doc.get('_id');
      const where = id === undefined ? 'no id' : `_id: ${show(id)}`;
      bad(
        `The ${side} field cannot be an array element, '${path}' in doc with ${where} has an array field called '${name}'`,
      );
    }
    if (value === undefined) return undefined;
    if (!(value instanceof Map)) {
      if (side === 'destination') return undefined;
      throw mongoError(
        'PathNotViable',
        `cannot use the part (${name} of ${path}) to traverse the element ({${name}: ${show(value)}})`,
      );
    }
    name = part;
    value = value.get(part);
  }
  return value;
}
