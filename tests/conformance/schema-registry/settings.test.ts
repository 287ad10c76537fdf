// The settings of Confluent's Schema Registry API: levels of compatibility and what they decide, configuration, modes. What is
// expected is what Confluent documents for version 7; where the real registry here, Apicurio's, does otherwise, it says so.
import { describe, expect, inject, it } from 'vitest';
import { ask, codeOf, freshSubject, itExcept, record, register } from './http.ts';

const id = { name: 'id', type: 'string' };
const amount = { name: 'amount', type: 'int', default: 0 };
const first = record([id]);
const second = record([id, amount]);

describe.each(inject('schemaRegistry'))('the settings of the registry ($name)', (target) => {
  const get = (path: string) => ask(target, 'GET', path);
  const post = (path: string, body: unknown) => ask(target, 'POST', path, body);
  const put = (path: string, body: unknown) => ask(target, 'PUT', path, body);
  const remove = (path: string) => ask(target, 'DELETE', path);

  describe('compatibility', () => {
    const level = (subject: string, compatibility: string) => put(`/config/${subject}`, { compatibility });

    it('refuses a schema that cannot read the one before with 409', async () => {
      const subject = freshSubject();
      await level(subject, 'BACKWARD');
      await register(target, subject, first);
      const answer = await post(`/subjects/${subject}/versions`, {
        schema: record([id, { name: 'more', type: 'int' }]),
      });
      expect([answer.status, codeOf(answer)]).toEqual([409, 409]);
    });

    it.each([
      ['BACKWARD', 'needs a default for a new field', record([id, { name: 'n', type: 'int' }]), second],
      [
        'FORWARD',
        'needs a default for a field that goes',
        record([amount]),
        record([id, { name: 'n', type: 'int' }]),
      ],
      ['FULL', 'needs both', record([id, { name: 'n', type: 'int' }]), second],
    ])('%s %s', async (compatibility, _what, refused, taken) => {
      const subject = freshSubject();
      await level(subject, compatibility);
      await register(target, subject, first);
      const path = `/compatibility/subjects/${subject}/versions/latest`;
      expect((await post(path, { schema: refused })).body).toMatchObject({ is_compatible: false });
      expect((await post(path, { schema: taken })).body).toMatchObject({ is_compatible: true });
    });

    itExcept(target, { real: 'all are compared at any level' })(
      'compares with all versions when the level is transitive, else with the latest',
      async () => {
        const subject = freshSubject();
        await level(subject, 'NONE');
        await register(target, subject, first);
        await register(target, subject, second);
        // Reads the second, but not the first, which has no amount.
        const schema = record([id, { name: 'amount', type: 'int' }]);
        const path = `/compatibility/subjects/${subject}/versions`;
        await level(subject, 'BACKWARD');
        expect((await post(path, { schema })).body).toMatchObject({ is_compatible: true });
        await level(subject, 'BACKWARD_TRANSITIVE');
        expect((await post(path, { schema })).body).toMatchObject({ is_compatible: false });
      },
    );

    it('takes anything when the level is NONE', async () => {
      const subject = freshSubject();
      await level(subject, 'NONE');
      await register(target, subject, first);
      await expect(register(target, subject, '"string"')).resolves.toBeGreaterThan(0);
    });

    itExcept(target, { real: 'the reasons are in `reason`' })(
      'says what is in the way when asked to be verbose',
      async () => {
        const subject = freshSubject();
        await level(subject, 'BACKWARD');
        await register(target, subject, first);
        const path = `/compatibility/subjects/${subject}/versions/latest?verbose=true`;
        const answer = await post(path, { schema: record([{ name: 'n', type: 'int' }]) });
        expect(answer.body).toMatchObject({ is_compatible: false });
        const { messages } = answer.body as { messages: string[] };
        expect(messages[0]).toBe(
          "{errorType:'READER_FIELD_MISSING_DEFAULT_VALUE', description:'The field 'n' at path '/fields/0' in the new schema has no default value and is missing in the old schema', additionalInfo:'n'}",
        );
      },
    );

    it('says 40402 for a version that is not there', async () => {
      const subject = freshSubject();
      await register(target, subject, first);
      expect(codeOf(await post(`/compatibility/subjects/${subject}/versions/9`, { schema: first }))).toBe(
        40402,
      );
    });
  });

  describe('configuration', () => {
    itExcept(target, { real: 'the default is NONE' })('is BACKWARD by default', async () => {
      expect((await get('/config')).body).toEqual({ compatibilityLevel: 'BACKWARD' });
    });

    it('is set, shown and deleted by subject', async () => {
      const subject = freshSubject();
      await register(target, subject, first);
      expect((await put(`/config/${subject}`, { compatibility: 'FULL_TRANSITIVE' })).body).toEqual({
        compatibility: 'FULL_TRANSITIVE',
      });
      expect((await get(`/config/${subject}`)).body).toEqual({ compatibilityLevel: 'FULL_TRANSITIVE' });
      expect((await remove(`/config/${subject}`)).body).toEqual({ compatibilityLevel: 'FULL_TRANSITIVE' });
    });

    itExcept(target, { real: '40401' })(
      'says 40408 for a subject without one, unless the global one is asked for',
      async () => {
        const subject = freshSubject();
        expect(codeOf(await get(`/config/${subject}`))).toBe(40408);
        expect((await get(`/config/${subject}?defaultToGlobal=true`)).body).toEqual({
          compatibilityLevel: 'BACKWARD',
        });
        expect(codeOf(await remove(`/config/${subject}`))).toBe(40401);
      },
    );

    itExcept(target, { real: '400, and no JSON' })(
      'refuses a level that there is not with 42203',
      async () => {
        const answer = await put(`/config/${freshSubject()}`, { compatibility: 'SIDEWAYS' });
        expect([answer.status, codeOf(answer)]).toEqual([422, 42203]);
      },
    );
  });

  describe('modes', () => {
    const noModes = { real: 'modes are not served' };

    itExcept(target, noModes)('are READWRITE unless set', async () => {
      expect((await get('/mode')).body).toEqual({ mode: 'READWRITE' });
      expect(codeOf(await get(`/mode/${freshSubject()}`))).toBe(40409);
      expect((await get(`/mode/${freshSubject()}?defaultToGlobal=true`)).body).toEqual({ mode: 'READWRITE' });
    });

    itExcept(target, noModes)('keep a subject from being changed', async () => {
      const subject = freshSubject();
      expect((await put(`/mode/${subject}`, { mode: 'READONLY' })).body).toEqual({ mode: 'READONLY' });
      expect(codeOf(await post(`/subjects/${subject}/versions`, { schema: first }))).toBe(42205);
      expect((await remove(`/mode/${subject}`)).body).toEqual({ mode: 'READONLY' });
      await expect(register(target, subject, first)).resolves.toBeGreaterThan(0);
    });

    itExcept(target, noModes)('let schemas be imported with their ids and versions', async () => {
      const subject = freshSubject();
      expect(
        codeOf(await post(`/subjects/${subject}/versions`, { schema: first, id: 7_000_000, version: 3 })),
      ).toBe(42205);
      await put(`/mode/${subject}`, { mode: 'IMPORT' });
      const given = 1_000_000 + Math.floor(Math.random() * 1_000_000);
      const schema = record([{ ...id, doc: subject }]);
      expect(await register(target, subject, schema, { id: given, version: 3 })).toBe(given);
      expect((await get(`/subjects/${subject}/versions`)).body).toEqual([3]);
      expect(
        codeOf(await post(`/subjects/${subject}/versions`, { schema: second, id: given, version: 4 })),
      ).toBe(42205);
      await put(`/mode/${subject}`, { mode: 'READWRITE' });
      expect(codeOf(await put(`/mode/${subject}`, { mode: 'IMPORT' }))).toBe(42205);
      expect(codeOf(await put(`/mode/${subject}`, { mode: 'SIDEWAYS' }))).toBe(42204);
    });
  });
});
