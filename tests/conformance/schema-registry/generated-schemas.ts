// Schemas and their evolution, generated. Names come from small pools: a named type that is there already becomes a reference to
// it, so that repeated and recursive types come about, and steps of evolution hit the same names on both sides.
import fc from 'fast-check';

export type Json = null | boolean | number | string | readonly Json[] | { readonly [member: string]: Json };
type Members = Record<string, Json>;

const typeNames = ['A', 'B', 'C', 'D'];
const spaces = [undefined, undefined, 'shop', 'shop.orders'];
const fieldNames = ['a', 'b', 'c', 'd', 'e'];
const symbols = ['NEW', 'PAID', 'SENT', 'LOST'];
const primitives = ['null', 'boolean', 'int', 'long', 'float', 'double', 'bytes', 'string'];

const maybe = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(value, { nil: undefined });
const some = <T>(values: readonly T[], least = 0): fc.Arbitrary<T[]> =>
  fc.uniqueArray(fc.constantFrom(...values), { minLength: least });

/** Aliases: rarely any, since most pairs would else have a field with two sources. */
const few = (names: readonly string[]): fc.Arbitrary<string[] | undefined> =>
  fc.option(fc.uniqueArray(fc.constantFrom(...names), { minLength: 1, maxLength: 2 }), {
    nil: undefined,
    freq: 1,
  });

const isMembers = (value: Json | undefined): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const nameOf = (value: Json | undefined): string => (typeof value === 'string' ? value : '');
const isList = (value: Json | undefined): value is readonly Json[] => Array.isArray(value);

const without = (members: Readonly<Record<string, Json | undefined>>): Members =>
  Object.fromEntries(
    Object.entries(members).filter((entry): entry is [string, Json] => entry[1] !== undefined),
  );

/** A value that fits a type, for a default; `undefined` where none is at hand. */
function valueFor(type: Json): Json | undefined {
  if (isList(type)) return type.map(valueFor).find((value) => value !== undefined);
  switch (isMembers(type) ? type.type : type) {
    case 'null':
      return null;
    case 'boolean':
      return true;
    case 'int':
    case 'long':
      return 7;
    case 'float':
    case 'double':
      return 1.5;
    case 'bytes':
    case 'string':
    case 'fixed':
      return 'x';
    case 'enum':
      return isMembers(type) && isList(type.symbols) ? type.symbols[0] : undefined;
    case 'array':
      return [];
    case 'map':
      return {};
    default:
      return undefined;
  }
}

const trees = fc.letrec<{ type: Json; field: Members; union: readonly Json[] }>((tie) => ({
  type: fc.oneof(
    { maxDepth: 4, depthSize: 'small', withCrossShrink: true },
    fc.constantFrom(...primitives),
    fc
      .record({
        type: fc.constant('fixed'),
        name: fc.constantFrom(...typeNames),
        namespace: fc.constantFrom(...spaces),
        size: fc.integer({ min: 1, max: 3 }),
      })
      .map(without),
    fc
      .record({
        type: fc.constant('enum'),
        name: fc.constantFrom(...typeNames),
        namespace: fc.constantFrom(...spaces),
        symbols: some(symbols, 1),
        byDefault: fc.boolean(),
        aliases: few(typeNames),
      })
      .map(({ byDefault, ...rest }) =>
        without({ ...rest, default: byDefault ? rest.symbols[0] : undefined }),
      ),
    fc.record({ type: fc.constant('array'), items: tie('type') }),
    fc.record({ type: fc.constant('map'), values: tie('type') }),
    tie('union'),
    fc
      .record({
        type: fc.constant('record'),
        name: fc.constantFrom(...typeNames),
        namespace: fc.constantFrom(...spaces),
        aliases: few([...typeNames, 'shop.A', 'shop.orders.B']),
        doc: maybe(fc.constantFrom('', 'why')),
        fields: fc.array(tie('field'), { maxLength: 4 }),
      })
      .map(without),
  ),
  field: fc
    .record({
      name: fc.constantFrom(...fieldNames),
      type: tie('type'),
      hasDefault: fc.boolean(),
      aliases: few(fieldNames),
      doc: maybe(fc.constantFrom('', 'what')),
    })
    .map(({ hasDefault, ...rest }) =>
      without({ ...rest, default: hasDefault ? valueFor(rest.type) : undefined }),
    ),
  union: fc.array(tie('type'), { maxLength: 4 }),
}));

/** Makes a tree a schema: no field, no union branch and no named type twice, no union in a union. */
export function tidied(tree: Json): Json {
  const defined = new Set<string>();
  const tidy = (type: Json, space: string): Json => {
    if (isList(type)) {
      const seen = new Set<string>();
      const branches = type.flatMap((branch) =>
        isList(branch) ? branch.filter((inner) => !isList(inner)) : [branch],
      );
      return branches.flatMap((branch) => {
        const tidy1 = tidy(branch, space);
        const key =
          typeof tidy1 === 'string' && !primitives.includes(tidy1)
            ? tidy1
            : isMembers(tidy1)
              ? (fullName(tidy1, space) ?? nameOf(tidy1.type))
              : nameOf(tidy1);
        if (seen.has(key)) return [];
        seen.add(key);
        return [tidy1];
      });
    }
    if (!isMembers(type)) return type;
    if (type.type === 'array') return { ...type, items: tidy(type.items ?? 'null', space) };
    if (type.type === 'map') return { ...type, values: tidy(type.values ?? 'null', space) };
    const full = fullName(type, space);
    if (full === undefined) return type;
    if (defined.has(full)) return full;
    defined.add(full);
    if (!isList(type.fields)) return type;
    const inner = full.includes('.') ? full.slice(0, full.lastIndexOf('.')) : '';
    const names = new Set<string>();
    const fields = type.fields.filter((field) => {
      const name = isMembers(field) ? nameOf(field.name) : '';
      return names.has(name) ? false : names.add(name);
    });
    return { ...type, fields: fields.map((field) => tidyField(field, inner)) };
  };
  const tidyField = (field: Json, space: string): Json => {
    if (!isMembers(field)) return field;
    const type = tidy(field.type ?? 'null', space);
    const { default: given, ...rest } = field;
    // The type may have become another one, a reference say: its default goes then.
    const fits = given !== undefined && JSON.stringify(valueFor(type)) === JSON.stringify(given);
    return fits ? { ...rest, type, default: given } : { ...rest, type };
  };
  return tidy(tree, '');
}

function fullName({ name, namespace }: Members, space: string): string | undefined {
  if (typeof name !== 'string') return undefined;
  const within = typeof namespace === 'string' ? namespace : space;
  return within === '' ? name : `${within}.${name}`;
}

/** Schemas. */
export const schemas: fc.Arbitrary<Json> = trees.type.map(tidied);

/** Records, as events are. */
export const records: fc.Arbitrary<Json> = fc
  .record({ fields: fc.array(trees.field, { minLength: 1, maxLength: 5 }) })
  .map(({ fields }) => tidied({ type: 'record', name: 'Event', namespace: 'shop', fields }));

interface Step {
  readonly at: number;
  readonly what: number;
  readonly choice: number;
}
const steps: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.record({ at: fc.nat(40), what: fc.nat(20), choice: fc.nat(20) }),
  { minLength: 1, maxLength: 3 },
);

const pick = <T>(values: readonly T[], choice: number): T | undefined =>
  values[choice % Math.max(1, values.length)];
const promoted: Readonly<Record<string, string>> = {
  int: 'long',
  long: 'double',
  float: 'double',
  string: 'bytes',
  bytes: 'string',
  double: 'int',
  null: 'int',
  boolean: 'string',
};

/** One step of evolution at one node. */
function change(type: Json, { what, choice }: Step): Json {
  if (typeof type === 'string') {
    if (what % 3 === 0) return promoted[type] ?? type;
    if (what % 3 === 1) return ['null', type];
    return pick(primitives, choice) ?? type;
  }
  if (isList(type)) {
    if (what % 3 === 0) return type.slice(1);
    if (what % 3 === 1) return [...type, pick(primitives, choice) ?? 'null'];
    return type.toReversed();
  }
  if (!isMembers(type)) return type;
  const { name } = type;
  const other = pick(typeNames, choice) ?? 'A';
  if (isList(type.fields)) {
    const { fields } = type;
    const field =
      fieldNames.find((candidate) => !fields.some((known) => isMembers(known) && known.name === candidate)) ??
      'z';
    const newType =
      pick<Json>([...primitives, ['null', 'string'], { type: 'array', items: 'int' }], choice) ?? 'int';
    switch (what % 8) {
      case 0:
        return { ...type, fields: [...fields, { name: field, type: newType }] };
      case 1:
        return {
          ...type,
          fields: [...fields, without({ name: field, type: newType, default: valueFor(newType) })],
        };
      case 2:
        return { ...type, fields: fields.toSpliced(choice % Math.max(1, fields.length), 1) };
      case 3:
        return {
          ...type,
          fields: fields.map((known, index) =>
            index === choice % fields.length && isMembers(known) ? { ...known, name: field } : known,
          ),
        };
      case 4:
        return {
          ...type,
          fields: fields.map((known, index) =>
            index === choice % fields.length && isMembers(known)
              ? { ...known, name: field, aliases: [nameOf(known.name)] }
              : known,
          ),
        };
      case 5:
        return { ...type, name: other, aliases: [nameOf(name)] };
      case 6:
        return { ...type, name: other };
      default:
        return { ...type, fields: fields.toReversed() };
    }
  }
  if (isList(type.symbols)) {
    const symbol = pick(symbols, choice) ?? 'NEW';
    switch (what % 5) {
      case 0:
        return { ...type, symbols: [...new Set([...type.symbols, symbol])] };
      case 1:
        return type.symbols.length < 2
          ? type
          : { ...without({ ...type, default: undefined }), symbols: type.symbols.slice(1) };
      case 2:
        return { ...type, default: type.symbols[0] ?? symbol };
      case 3:
        return { ...type, name: other, aliases: [nameOf(name)] };
      default:
        return { ...type, namespace: 'shop' };
    }
  }
  if (typeof type.size === 'number')
    return what % 2 === 0
      ? { ...type, size: type.size + 1 }
      : { ...type, name: other, aliases: [nameOf(name)] };
  return what % 2 === 0 ? (type.items ?? type.values ?? type) : { type: 'array', items: type };
}

/** Applies a step to the node of that number, counted in the order of the text. */
function evolve(root: Json, step: Step): Json {
  const count = (type: Json): number => {
    let nodes = 0;
    visit(type, () => {
      nodes += 1;
      return undefined;
    });
    return nodes;
  };
  const target = step.at % Math.max(1, count(root));
  let seen = -1;
  return visit(root, (type) => {
    seen += 1;
    return seen === target ? change(type, step) : undefined;
  });
}

/** Replaces types by what `at` answers, from the outside in. */
function visit(type: Json, at: (type: Json) => Json | undefined): Json {
  const replaced = at(type);
  if (replaced !== undefined) return replaced;
  if (isList(type)) return type.map((branch) => visit(branch, at));
  if (!isMembers(type)) return type;
  if (type.items !== undefined) return { ...type, items: visit(type.items, at) };
  if (type.values !== undefined) return { ...type, values: visit(type.values, at) };
  if (!isList(type.fields)) return type;
  const fields = type.fields.map((field) =>
    isMembers(field) ? { ...field, type: visit(field.type ?? 'null', at) } : field,
  );
  return { ...type, fields };
}

/** A schema and what became of it, or two that have nothing to do with each other. */
export const pairs: fc.Arbitrary<readonly [Json, Json]> = fc.oneof(
  {
    arbitrary: fc
      .tuple(fc.oneof(records, schemas), steps)
      .map(([schema, list]) => [schema, tidied(list.reduce(evolve, schema))] as const),
    weight: 4,
  },
  { arbitrary: fc.tuple(schemas, schemas), weight: 1 },
);

const oddities: readonly ((schema: Json) => Json)[] = [
  (schema) => (isMembers(schema) ? { ...schema, name: '9x' } : { type: schema }),
  (schema) => (isMembers(schema) ? { ...schema, namespace: 'a-b' } : [schema, schema]),
  (schema) => ({ type: 'record', name: 'R', fields: [{ name: 'f', type: schema, default: 'no' }] }),
  (schema) => ({ type: 'record', name: 'R', fields: [{ name: 'f', type: schema, default: null }] }),
  (schema) => ({ type: 'record', name: 'R', fields: [{ name: 'f', type: schema, default: {} }] }),
  (schema) => ({ type: 'record', name: 'R', fields: [{ name: 'f', type: schema, default: 3000000000 }] }),
  (schema) => ({
    type: 'record',
    name: 'R',
    fields: [{ name: 'f', type: schema, order: 'descending', custom: { z: 1, a: [true] } }],
  }),
  (schema) => ({
    type: 'record',
    name: 'R',
    fields: [
      { name: 'f', type: schema },
      { name: 'g', type: ['null', 'R'], default: null },
    ],
  }),
  (schema) => ({ type: 'array', items: schema, logicalType: 'list', x: 1.0 }),
  (schema) => ({ type: 'bytes', logicalType: 'decimal', precision: 4, scale: 2, items: schema }),
  (schema) => (isMembers(schema) ? { ...schema, aliases: 'A' } : [schema, [schema]]),
  (schema) => (isMembers(schema) ? { ...schema, doc: 5, namespace: 7 } : { type: [schema] }),
  (schema) => (isMembers(schema) ? { ...schema, symbols: ['a', 'a'] } : 'unknown'),
  (schema) => (isMembers(schema) ? { ...schema, size: -1 } : 5),
  (schema) => (isMembers(schema) ? { ...schema, default: 'NOWHERE' } : null),
  (schema) => ({
    type: 'error',
    name: 'shop.Broken',
    namespace: 'ignored',
    fields: [{ name: 'why', type: schema }],
  }),
];

/** Schemas with something odd about them, right or wrong. */
export const oddSchemas: fc.Arbitrary<Json> = fc
  .tuple(fc.oneof(schemas, records), fc.nat(oddities.length - 1))
  .map(([schema, index]) => oddities[index]?.(schema) ?? schema);
