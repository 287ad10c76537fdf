// How operators take their arguments: one, several in a list, or named in a document; and the errors when they are wrong.
import { mongoError } from '../errors.ts';
import { isDoc } from '../documents/value.ts';
import type { Doc, Value } from '../documents/value.ts';
import type { Compile, Expression, Scope } from './scope.ts';

/** Compiles the operand of an operator. */
export type Compiler = (operand: Value, scope: Scope, compile: Compile, name: string) => Expression;

/** The arguments of an operator that takes a list; a single argument need not be in one. @throws Location16020 */
export function argumentsOf(operand: Value, scope: Scope, compile: Compile): Expression[] {
  return (Array.isArray(operand) ? operand : [operand]).map((argument) => compile(argument, scope));
}

export function checkCount(name: string, count: number, least: number, most: number): void {
  if (least === most && count !== least) {
    throw mongoError(
      16020,
      `Expression ${name} takes exactly ${String(least)} arguments. ${String(count)} were passed in.`,
    );
  }
  if (count < least || count > most) {
    throw mongoError(
      28667,
      `Expression ${name} takes at least ${String(least)} arguments, and at most ${String(most)}, but ${String(count)} were passed in.`,
    );
  }
}

/** An operator of exactly one argument. */
export function unary(apply: (value: Value | undefined, name: string) => Value | undefined): Compiler {
  return (operand, scope, compile, name) => {
    const [argument = (): undefined => undefined, ...others] = argumentsOf(operand, scope, compile);
    if (others.length > 0 || (Array.isArray(operand) && operand.length === 0)) {
      checkCount(name, Array.isArray(operand) ? operand.length : 1, 1, 1);
    }
    return (doc) => apply(argument(doc), name);
  };
}

/** An operator of exactly two arguments. */
export function binary(
  apply: (left: Value | undefined, right: Value | undefined, name: string) => Value | undefined,
): Compiler {
  return (operand, scope, compile, name) => {
    const [left, right, ...others] = argumentsOf(operand, scope, compile);
    if (left === undefined || right === undefined || others.length > 0) {
      checkCount(name, Array.isArray(operand) ? operand.length : 1, 2, 2);
      return () => undefined;
    }
    return (doc) => apply(left(doc), right(doc), name);
  };
}

/** An operator of a number of arguments. */
export function variadic(
  least: number,
  most: number,
  apply: (values: (Value | undefined)[], name: string) => Value | undefined,
): Compiler {
  return (operand, scope, compile, name) => {
    const compiled = argumentsOf(operand, scope, compile);
    checkCount(name, compiled.length, least, most);
    return (doc) =>
      apply(
        compiled.map((argument) => argument(doc)),
        name,
      );
  };
}

/** Names and whether they must be there. */
export type Parameters = Readonly<Record<string, 'required' | 'optional'>>;

/**
 * The arguments of an operator that takes a document.
 *
 * @param code of the error when the operand is no document, or has an unknown or a missing argument
 */
export function named(name: string, operand: Value, parameters: Parameters, code: number): Doc {
  if (!isDoc(operand)) throw mongoError(code, `${name} only supports an object as its argument`);
  for (const given of operand.keys()) {
    if (!Object.hasOwn(parameters, given))
      throw mongoError(code, `Unrecognized argument to ${name}: ${given}`);
  }
  for (const [parameter, need] of Object.entries(parameters)) {
    if (need === 'required' && !operand.has(parameter))
      throw mongoError(code, `Missing '${parameter}' parameter to ${name}`);
  }
  return operand;
}

/** An operator whose arguments have names; each is evaluated, those that are not given are undefined. */
export function byName(
  parameters: Parameters,
  code: number,
  apply: (values: Readonly<Record<string, Value | undefined>>, name: string) => Value | undefined,
): Compiler {
  return (operand, scope, compile, name) => {
    const given = named(name, operand, parameters, code);
    const compiled = Array.from(given, ([parameter, value]): [string, Expression] => [
      parameter,
      compile(value, scope),
    ]);
    return (doc) =>
      apply(Object.fromEntries(compiled.map(([parameter, value]) => [parameter, value(doc)])), name);
  };
}
