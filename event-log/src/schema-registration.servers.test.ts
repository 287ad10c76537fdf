// Registration against the registry at SCHEMA_REGISTRY_URL.
import { randomUUID } from 'node:crypto';
import { catalogueEntry, type CatalogueEntry } from '@comptoir/schemas';
import { describe, expect, it } from 'vitest';
import { IncompatibleSchemaError, registerSchemas, registryClient } from './schema-registration.ts';

const url = process.env.SCHEMA_REGISTRY_URL ?? '';
const register = (entry: CatalogueEntry) => registerSchemas(registryClient(url, 'test'), url, [entry]);

/** An event of a subject that nobody else uses. */
function freshEntry(more: readonly object[] = [], subject = `test-${randomUUID()}`): CatalogueEntry {
  const entry = catalogueEntry('PriceChanged');
  const { fields, ...rest } = entry.schema as unknown as { fields: readonly object[] };
  return { ...entry, subject, schema: { ...rest, fields: [...fields, ...more] } as never };
}

describe('registering a schema', () => {
  it('gives the same id for the same schema', async () => {
    const entry = freshEntry();
    const [first] = (await register(entry)).values();
    const [second] = (await register(entry)).values();
    expect(second).toBe(first);
  });

  it('takes a change that can read what was written: a field with a default', async () => {
    const entry = freshEntry();
    await register(entry);
    const added = { name: 'campaign', type: ['null', 'string'], default: null, doc: 'why' };
    await expect(register(freshEntry([added], entry.subject))).resolves.toBeInstanceOf(Map);
  });

  it('refuses a change that cannot, and names the field', async () => {
    const entry = freshEntry();
    await register(entry);
    const added = { name: 'campaign', type: 'string', doc: 'why' };
    const refusal: unknown = await register(freshEntry([added], entry.subject)).catch(
      (error: unknown) => error,
    );
    expect(refusal).toBeInstanceOf(IncompatibleSchemaError);
    expect(String(refusal)).toContain('field campaign of PriceChanged has no default and is missing there');
  });

  it('does not call it a change when two services register the same schema at the same moment', async () => {
    const entry = freshEntry();
    const outcomes = await Promise.allSettled(Array.from({ length: 8 }, () => register(entry)));
    for (const outcome of outcomes) {
      if (outcome.status === 'rejected') expect(outcome.reason).not.toBeInstanceOf(IncompatibleSchemaError);
    }
    await expect(register(entry)).resolves.toBeInstanceOf(Map);
  });
});
