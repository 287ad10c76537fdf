// $rename: takes the value of one path away and puts it at another. (Manual: "$rename".)
import { mongoError } from '../errors.ts';
import { show, showDocument } from '../documents/show.ts';
import type { Doc, Value } from '../documents/value.ts';
import type { Change } from './tree.ts';

function bad(message: string): never {
  throw mongoError('BadValue', message);
}

/** The two changes of a $rename. */
export function rename(from: string, argument: Value): { from: Change; to: Change; path: string } {
  if (typeof argument !== 'string') return bad(`The 'to' field for $rename must be a string: ${from}: ${show(argument)}`);
  if (argument === from) bad(`The source and target field for $rename must differ: ${from}: ${show(argument)}`);
  for (const [path, side] of [
    [from, 'source'],
    [argument, 'destination'],
  ] as const) {
    if (/\.\$/.test(path)) bad(`The ${side} field for $rename may not be dynamic: ${path}`);
  }
  if (argument.startsWith(`${from}.`) || from.startsWith(`${argument}.`)) {
    bad(`The source and target field for $rename must not be on the same path: ${from}: ${show(argument)}`);
  }
  return {
    path: argument,
    from: { creates: false, apply: () => undefined },
    to: {
      creates: true,
      apply: (value, path, { doc }) => {
        const moved = valueWithoutArrays(doc, from, 'source');
        if (moved === undefined) return value;
        valueWithoutArrays(doc, path, 'destination');
        return moved;
      },
    },
  };
}

function valueWithoutArrays(doc: Doc, path: string, side: string): Value | undefined {
  let value: Value | undefined = doc;
  let name = '';
  const parts = path.split('.');
  for (const part of parts) {
    if (Array.isArray(value)) {
      const id = doc.get('_id');
      const where = id === undefined ? 'no id' : `_id: ${show(id)}`;
      bad(`The ${side} field cannot be an array element, '${path}' in doc with ${where} has an array field called '${name}'`);
    }
    name = part;
    value = value instanceof Map ? value.get(part) : undefined;
  }
  return value;
}

/** Whether a $rename would do anything: without its source, it does nothing and makes no documents on the way. */
export function hasSource(doc: Doc, from: string): boolean {
  return valueWithoutArrays(doc, from, 'source') !== undefined;
}

export function renameText(from: string, to: string): string {
  return showDocument(new Map([[from, to]]));
}
