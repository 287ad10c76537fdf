// Plain HTTP to a registry, as clients speak it; and how a suite says that a target does something else, and why.
import { randomUUID } from 'node:crypto';
import { it } from 'vitest';
import type { Target } from '../setup.ts';

export interface Answer {
  readonly status: number;
  readonly type: string | null;
  /** Parsed, where it is JSON. */
  readonly body: unknown;
}

const mediaType = 'application/vnd.schemaregistry.v1+json';

/** Asks a registry; `body` is sent as JSON, or as it is when it is text. */
export async function ask(target: Target, method: string, path: string, body?: unknown): Promise<Answer> {
  const response = await fetch(`${target.address}${path}`, {
    method,
    headers: body === undefined ? { accept: mediaType } : { accept: mediaType, 'content-type': mediaType },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    signal: AbortSignal.timeout(15_000),
  });
  const text = await response.text();
  let parsed: unknown = text;
  try {
    parsed = JSON.parse(text);
  } catch {
    // Some answers of other registries are no JSON.
  }
  return { status: response.status, type: response.headers.get('content-type'), body: parsed };
}

/** The error code of an answer. */
export const codeOf = ({ body }: Answer): unknown =>
  typeof body === 'object' && body !== null && 'error_code' in body ? body.error_code : undefined;

/** A subject that nobody else uses. */
export const freshSubject = (name = 'subject'): string => `${name}-${randomUUID().slice(0, 8)}`;

/**
 * A test that a target is excepted from, where it does not what Confluent documents.
 * @param excepted - the target's name, and what it does instead
 */
export const itExcept = (target: Target, excepted: Readonly<Partial<Record<Target['name'], string>>>) => {
  const reason = excepted[target.name];
  if (reason === undefined) return it;
  return (title: string, _test: () => Promise<void>): void => {
    it.skip(`${title} (here: ${reason})`);
  };
};

/** A record schema's text. */
export const record = (fields: readonly object[], more: object = {}): string =>
  JSON.stringify({ type: 'record', name: 'Event', namespace: 'shop', fields, ...more });

/** Registers a schema, and answers its id. */
export async function register(
  target: Target,
  subject: string,
  schema: string,
  more: object = {},
): Promise<number> {
  const answer = await ask(target, 'POST', `/subjects/${encodeURIComponent(subject)}/versions`, {
    schema,
    ...more,
  });
  if (answer.status !== 200) throw new Error(`${subject}: ${JSON.stringify(answer)}`);
  return (answer.body as { readonly id: number }).id;
}
