// Variables of expressions. Each binding has a slot of its own, found while compiling, in one list of values that the whole command shares:
// an expression is evaluated to its end before another begins, so no slot is in use twice.
import { mongoError } from '../errors.ts';
import type { Doc, Value } from '../documents/value.ts';

/** What a filter, an update or a pipeline can see besides the document. */
export interface Environment {
  /** `let` of the command: values, or expressions without fields. */
  readonly let?: Doc;
  /** $$NOW: one instant for the whole command. */
  readonly now?: Date;
}

/** A compiled expression: the value for a document, undefined when it is missing. */
export type Expression = (doc: Doc) => Value | undefined;

export interface Scope {
  readonly slots: ReadonlyMap<string, number>;
  readonly frame: (Value | undefined)[];
  readonly now: Date;
}

/** Compiles a part of an expression. */
export type Compile = (expression: Value, scope: Scope) => Expression;

export function emptyScope(environment: Environment): Scope {
  return { slots: new Map(), frame: [], now: environment.now ?? new Date() };
}

/** Adds a variable. `set` gives it its value before the expressions that see it are evaluated. */
export function bind(scope: Scope, name: string): { scope: Scope; set: (value: Value | undefined) => void } {
  const { frame } = scope;
  const slot = frame.length;
  frame.push(undefined);
  return {
    scope: { ...scope, slots: new Map(scope.slots).set(name, slot) },
    set: (value) => {
      frame[slot] = value;
    },
  };
}

/** @throws FailedToParse (9) when a user's variable does not begin with a lower-case letter or has other characters than letters, digits and _ */
export function checkVariableName(name: string): void {
  if (name === '') throw mongoError('FailedToParse', 'empty variable names are not allowed');
  if (name === 'CURRENT') return;
  const [first = ''] = name;
  if (!/[a-z\u0080-\uffff]/.test(first)) {
    throw mongoError('FailedToParse', `'${name}' starts with an invalid character for a user variable name`);
  }
  const wrong = /[^A-Za-z0-9_\u0080-\uffff]/.exec(name);
  if (wrong !== null) {
    throw mongoError(
      'FailedToParse',
      `'${name}' contains an invalid character for a variable name: '${wrong[0]}'`,
    );
  }
}
