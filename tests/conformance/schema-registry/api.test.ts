// Confluent's Schema Registry API over plain HTTP: subjects, versions, ids, deletion, references, errors. What is
// expected is what Confluent documents for version 7; where the real registry here, Apicurio's, does otherwise, it says so.
import { describe, expect, inject, it } from 'vitest';
import { ask, codeOf, freshSubject, itExcept, record, register } from './http.ts';

const id = { name: 'id', type: 'string' };
const amount = { name: 'amount', type: 'int', default: 0 };
const first = record([id]);
const second = record([id, amount]);

describe.each(inject('schemaRegistry'))('the registry API ($name)', (target) => {
  const get = (path: string) => ask(target, 'GET', path);
  const post = (path: string, body: unknown) => ask(target, 'POST', path, body);
  const remove = (path: string) => ask(target, 'DELETE', path);

  describe('registering', () => {
    it('answers the schema’s id, and the same for the same schema, under any subject', async () => {
      const [one, other] = [freshSubject(), freshSubject()];
      const given = await register(target, one, first);
      expect(await register(target, one, first)).toBe(given);
      expect(await register(target, other, first)).toBe(given);
      expect((await get(`/subjects/${one}/versions`)).body).toEqual([1]);
    });

    itExcept(target, { real: 'texts are compared' })(
      'takes differences in white space and in the order of attributes for the same schema',
      async () => {
        const subject = freshSubject();
        const given = await register(target, subject, first);
        const spaced = JSON.stringify(JSON.parse(first), undefined, 2);
        expect(await register(target, subject, spaced)).toBe(given);
      },
    );

    it('gives another schema another id and the next version', async () => {
      const subject = freshSubject();
      const given = await register(target, subject, first);
      expect(await register(target, subject, second)).not.toBe(given);
      expect((await get(`/subjects/${subject}/versions`)).body).toEqual([1, 2]);
    });

    it('refuses what is no Avro schema with 42201', async () => {
      for (const schema of [
        '{',
        '{"type":"nothing"}',
        '"unknown.Type"',
        record([{ name: 'a-b', type: 'int' }]),
      ]) {
        const answer = await post(`/subjects/${freshSubject()}/versions`, { schema });
        expect([answer.status, codeOf(answer)]).toEqual([422, 42201]);
      }
    });

    it('refuses a default that does not fit', async () => {
      const schema = record([{ name: 'a', type: 'int', default: 'text' }]);
      expect(codeOf(await post(`/subjects/${freshSubject()}/versions`, { schema }))).toBe(42201);
    });

    it('refuses other types than Avro with 42201', async () => {
      for (const schemaType of ['JSON', 'PROTOBUF', 'XML']) {
        const answer = await post(`/subjects/${freshSubject()}/versions`, { schemaType, schema: '{}' });
        expect([answer.status, codeOf(answer)]).toEqual([422, 42201]);
      }
    });

    it('gives different ids to schemas registered at the same time', async () => {
      const subjects = Array.from({ length: 20 }, () => freshSubject());
      const ids = await Promise.all(
        subjects.map((subject) =>
          register(target, subject, record([{ name: 'id', type: 'string', doc: subject }])),
        ),
      );
      expect(new Set(ids).size).toBe(subjects.length);
    });
  });

  describe('reading', () => {
    it('answers a version, the latest, and a schema alone', async () => {
      const subject = freshSubject();
      await register(target, subject, first);
      const given = await register(target, subject, second);
      const latest = await get(`/subjects/${subject}/versions/latest`);
      expect(latest.body).toMatchObject({ subject, version: 2, id: given });
      expect(JSON.parse((latest.body as { schema: string }).schema)).toEqual(JSON.parse(second));
      expect((await get(`/subjects/${subject}/versions/2`)).body).toEqual(latest.body);
      expect((await get(`/subjects/${subject}/versions/1/schema`)).body).toEqual(JSON.parse(first));
      const byId = (await get(`/schemas/ids/${String(given)}`)).body as { schema: string };
      expect(JSON.parse(byId.schema)).toEqual(JSON.parse(second));
    });

    it('takes -1 for the latest', async () => {
      const subject = freshSubject();
      await register(target, subject, first);
      expect((await get(`/subjects/${subject}/versions/-1`)).body).toMatchObject({ subject, version: 1 });
    });

    it('lists subjects and the versions under an id', async () => {
      const [one, other] = [freshSubject(), freshSubject()];
      const schema = record([{ ...id, doc: one }]);
      const given = await register(target, one, schema);
      await register(target, other, schema);
      expect((await get('/subjects')).body).toEqual(expect.arrayContaining([one, other]));
      const versions = (await get(`/schemas/ids/${String(given)}/versions`)).body;
      expect(versions).toHaveLength(2);
      expect(versions).toEqual(
        expect.arrayContaining([
          { subject: one, version: 1 },
          { subject: other, version: 1 },
        ]),
      );
    });

    itExcept(target, { real: 'neither is served' })(
      'answers the text and the subjects of an id',
      async () => {
        const subject = freshSubject();
        const schema = record([{ ...id, doc: subject }]);
        const given = await register(target, subject, schema);
        expect((await get(`/schemas/ids/${String(given)}/schema`)).body).toEqual(JSON.parse(schema));
        expect((await get(`/schemas/ids/${String(given)}/subjects`)).body).toEqual([subject]);
      },
    );

    it('looks up a schema under a subject', async () => {
      const subject = freshSubject();
      const given = await register(target, subject, first);
      expect((await post(`/subjects/${subject}`, { schema: first })).body).toMatchObject({
        subject,
        version: 1,
        id: given,
      });
      expect(codeOf(await post(`/subjects/${subject}`, { schema: second }))).toBe(40403);
      expect(codeOf(await post(`/subjects/${freshSubject()}`, { schema: first }))).toBe(40401);
    });

    it('says which of subject, version and schema it does not know', async () => {
      const subject = freshSubject();
      await register(target, subject, first);
      expect(codeOf(await get(`/subjects/${freshSubject()}/versions`))).toBe(40401);
      expect(codeOf(await get(`/subjects/${freshSubject()}/versions/1`))).toBe(40401);
      expect(codeOf(await get(`/subjects/${subject}/versions/9`))).toBe(40402);
      expect(codeOf(await get('/schemas/ids/999999'))).toBe(40403);
    });

    itExcept(target, { real: '40402' })('refuses what is no version with 42202', async () => {
      const subject = freshSubject();
      await register(target, subject, first);
      for (const version of ['0', 'x', '-2']) {
        const answer = await get(`/subjects/${subject}/versions/${version}`);
        expect([answer.status, codeOf(answer)]).toEqual([422, 42202]);
      }
    });

    it('takes any name for a subject', async () => {
      const subject = `${freshSubject()} é/%?`;
      await register(target, subject, first);
      expect((await get(`/subjects/${encodeURIComponent(subject)}/versions`)).body).toEqual([1]);
    });

    it('answers with the content type that is asked for', async () => {
      expect((await get('/subjects')).type).toBe('application/vnd.schemaregistry.v1+json');
    });
  });

  describe('deleting', () => {
    it('hides a version softly, and removes it for good when asked again', async () => {
      const subject = freshSubject();
      await register(target, subject, first);
      const given = await register(target, subject, second);
      expect((await remove(`/subjects/${subject}/versions/2`)).body).toBe(2);
      expect((await get(`/subjects/${subject}/versions`)).body).toEqual([1]);
      expect((await get(`/subjects/${subject}/versions?deleted=true`)).body).toEqual([1, 2]);
      expect(codeOf(await get(`/subjects/${subject}/versions/2`))).toBe(40402);
      expect((await get(`/schemas/ids/${String(given)}`)).status).toBe(200);
      expect((await remove(`/subjects/${subject}/versions/2?permanent=true`)).body).toBe(2);
      expect((await get(`/subjects/${subject}/versions?deleted=true`)).body).toEqual([1]);
    });

    it('hides a subject softly, and removes it for good when asked again', async () => {
      const subject = freshSubject();
      await register(target, subject, first);
      await register(target, subject, second);
      expect((await remove(`/subjects/${subject}`)).body).toEqual([1, 2]);
      expect((await get('/subjects')).body).not.toContain(subject);
      expect((await get('/subjects?deleted=true')).body).toContain(subject);
      expect((await remove(`/subjects/${subject}?permanent=true`)).body).toEqual([1, 2]);
      expect((await get('/subjects?deleted=true')).body).not.toContain(subject);
    });

    it('says when something has, or has not, been deleted before', async () => {
      const subject = freshSubject();
      await register(target, subject, first);
      await register(target, subject, second);
      expect(codeOf(await remove(`/subjects/${subject}?permanent=true`))).toBe(40405);
      expect(codeOf(await remove(`/subjects/${subject}/versions/1?permanent=true`))).toBe(40407);
      await remove(`/subjects/${subject}/versions/1`);
      expect(codeOf(await remove(`/subjects/${subject}/versions/1`))).toBe(40406);
      await remove(`/subjects/${subject}`);
      expect(codeOf(await remove(`/subjects/${subject}`))).toBe(40404);
      expect(codeOf(await remove(`/subjects/${freshSubject()}`))).toBe(40401);
    });

    it('never gives an id again', async () => {
      const subject = freshSubject();
      const schema = record([{ ...id, doc: subject }]);
      const given = await register(target, subject, schema);
      await remove(`/subjects/${subject}`);
      await remove(`/subjects/${subject}?permanent=true`);
      expect(codeOf(await get(`/schemas/ids/${String(given)}`))).toBe(40403);
      expect(await register(target, subject, schema)).toBeGreaterThan(given);
    });

    it('brings a deleted schema back under its id and a new version', async () => {
      const subject = freshSubject();
      const given = await register(target, subject, first);
      await remove(`/subjects/${subject}`);
      expect(await register(target, subject, first)).toBe(given);
      expect((await get(`/subjects/${subject}/versions`)).body).toEqual([2]);
    });
  });

  describe('references', () => {
    const customer = JSON.stringify({
      type: 'record',
      name: 'Customer',
      namespace: 'shop.people',
      fields: [id],
    });
    const order = record([id, { name: 'customer', type: 'shop.people.Customer' }], { name: 'Order' });

    async function registered() {
      const [customers, orders] = [freshSubject('customer'), freshSubject('order')];
      await register(target, customers, customer);
      const references = [{ name: 'shop.people.Customer', subject: customers, version: 1 }];
      const given = await register(target, orders, order, { references });
      return { customers, orders, references, given };
    }

    it('let a schema name a type of another subject', async () => {
      const { orders, references, given } = await registered();
      const { body } = await get(`/subjects/${orders}/versions/1`);
      expect(body).toMatchObject({ id: given, references });
      expect(JSON.parse((body as { schema: string }).schema)).toEqual(JSON.parse(order));
      expect(await register(target, orders, order, { references })).toBe(given);
    });

    it('are told of by what they lead to', async () => {
      const { customers, given } = await registered();
      expect((await get(`/subjects/${customers}/versions/1/referencedby`)).body).toEqual([given]);
    });

    it('keep what they lead to from being deleted', async () => {
      const { customers } = await registered();
      expect(codeOf(await remove(`/subjects/${customers}/versions/1`))).toBe(42206);
      expect(codeOf(await remove(`/subjects/${customers}`))).toBe(42206);
    });

    it('must lead somewhere', async () => {
      const references = [{ name: 'shop.people.Customer', subject: freshSubject(), version: 1 }];
      const answer = await post(`/subjects/${freshSubject()}/versions`, { schema: order, references });
      expect(answer.status).toBe(422);
    });
  });

  describe('everything else', () => {
    itExcept(target, { real: 'other bodies' })('answers {} at its root, and its ids', async () => {
      expect((await get('/')).body).toEqual({});
      expect((await get('/v1/metadata/id')).body).toMatchObject({ scope: { path: [] } });
      expect((await get('/schemas/types')).body).toContain('AVRO');
    });

    itExcept(target, { real: 'error code 0' })('is 404, with the error code 404', async () => {
      for (const path of ['/nothing', '/subjects/a/b', '/schemas/ids/x', '/exporters']) {
        const answer = await get(path);
        expect([answer.status, codeOf(answer)]).toEqual([404, 404]);
      }
    });

    itExcept(target, { real: 'error code 0' })(
      'is 400 for a body that is no JSON, and 422 for one that is no object',
      async () => {
        const path = `/subjects/${freshSubject()}/versions`;
        expect(codeOf(await post(path, '{'))).toBe(400);
        expect(codeOf(await post(path, '[]'))).toBe(422);
      },
    );
  });
});
