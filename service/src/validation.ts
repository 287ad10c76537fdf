// Requests are checked strictly. A body is taken as it is: no coercion, no defaults, no removal of unknown members.
// Query string, path and headers are text, so there (and only there) `50` may become a number and defaults are filled in.
// What is wrong is reported by JSON pointer, all of it up to a bound.
import { Ajv, type AnySchema, type ErrorObject } from 'ajv';
import * as ajvFormats from 'ajv-formats';
import type { FastifyInstance } from 'fastify';
import type { RequestError } from './problem.ts';

/** The most errors that one answer lists. */
const maxErrors = 50;

const newAjv = (lenient: boolean): Ajv => {
  const ajv = new Ajv({
    coerceTypes: lenient,
    useDefaults: lenient,
    removeAdditional: false,
    allErrors: true,
    strict: true,
    strictTypes: false,
    allowUnionTypes: true,
    addUsedSchema: false,
  });
  ajvFormats.default.default(ajv);
  return ajv;
};

/** Makes Fastify validate as described above. */
export function useStrictValidation(app: FastifyInstance): void {
  const body = newAjv(false);
  const text = newAjv(true);
  app.setValidatorCompiler<AnySchema>(({ schema, httpPart }) =>
    (httpPart === 'body' ? body : text).compile(schema),
  );
}

const escaped = (member: string): string => member.replaceAll('~', '~0').replaceAll('/', '~1');

const parts: Readonly<Record<string, RequestError['in']>> = {
  querystring: 'query',
  params: 'path',
  headers: 'header',
};

function describe({
  instancePath,
  keyword,
  message = 'is not valid',
  params,
}: ErrorObject): Omit<RequestError, 'in'> {
  const given: Readonly<Record<string, unknown>> = params;
  if (keyword === 'required' && typeof given.missingProperty === 'string') {
    return { pointer: `${instancePath}/${escaped(given.missingProperty)}`, detail: 'is required' };
  }
  if (keyword === 'additionalProperties' && typeof given.additionalProperty === 'string') {
    return { pointer: `${instancePath}/${escaped(given.additionalProperty)}`, detail: 'is not known here' };
  }
  if (keyword === 'enum' && Array.isArray(given.allowedValues)) {
    return { pointer: instancePath, detail: `must be one of ${given.allowedValues.join(', ')}` };
  }
  if (keyword === 'const') return { pointer: instancePath, detail: `must be ${String(given.allowedValue)}` };
  return { pointer: instancePath, detail: message };
}

/** What the branches of a union say of one value, as one sentence. */
function unionDetail(branches: readonly ErrorObject[]): string {
  const literals = branches
    .filter(({ keyword }) => keyword === 'const')
    .map((error) => String((error.params as { readonly allowedValue?: unknown }).allowedValue));
  if (literals.length > 0) return `must be one of ${literals.join(', ')}`;
  return [...new Set(branches.map((error) => describe(error).detail))].join(' or ');
}

/** One error per value and sentence: the branches of a union, of which one would have to hold, are one error. */
function tidy(errors: readonly ErrorObject[]): Omit<RequestError, 'in'>[] {
  const unions = new Set(
    errors.filter(({ keyword }) => keyword === 'anyOf').map(({ instancePath }) => instancePath),
  );
  const described = new Map<string, Omit<RequestError, 'in'>>();
  for (const error of errors) {
    const { instancePath } = error;
    if (!unions.has(instancePath)) {
      const one = describe(error);
      described.set(`${one.pointer} ${one.detail}`, one);
    } else if (!described.has(instancePath)) {
      const branches = errors.filter(
        (other) => other.instancePath === instancePath && other.keyword !== 'anyOf',
      );
      described.set(instancePath, { pointer: instancePath, detail: unionDetail(branches) });
    }
  }
  return [...described.values()];
}

/**
 * Ajv's errors as the `errors` of a problem.
 *
 * @param context - Fastify's name of the part: `body`, `querystring`, `params`, `headers`
 */
export function requestErrors(errors: readonly ErrorObject[], context: string | undefined): RequestError[] {
  const part = context === undefined ? undefined : parts[context];
  return tidy(errors)
    .slice(0, maxErrors)
    .map((error) => (part === undefined ? error : { ...error, in: part }));
}
