// The paths of Confluent's Schema Registry API, version 7, for Avro; what each answers.
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { errors } from '../errors.ts';
import { printSchema } from '../avro/print.ts';
import type { Contents } from '../content.ts';
import type { Config, Content, SchemaVersion } from '../model.ts';
import type { Registry } from '../registry.ts';
import type { Which } from '../state.ts';
import {
  configRequest,
  idOf,
  modeRequest,
  queryOf,
  schemaRequest,
  subjectOf,
  versionOf,
  type Query,
} from './requests.ts';

/** The version of the API that is served, for clients that ask; what follows it says that this is no Confluent registry. */
const served = '7.9.0-comptoir';

interface Asked {
  /** A parameter of the path. */
  readonly path: (name: string) => string;
  readonly query: Query;
  readonly body: unknown;
}
type Handler = (asked: Asked) => unknown;

export interface RoutesOptions {
  readonly registry: Registry;
  readonly contents: Contents;
  readonly clusterId: string;
}

/** Adds all routes. */
export function addRoutes(app: FastifyInstance, { registry, contents, clusterId }: RoutesOptions): void {
  const route = (method: 'GET' | 'POST' | 'PUT' | 'DELETE', url: string, handler: Handler): void => {
    app.route({
      method,
      url,
      exposeHeadRoute: false,
      handler: async (request, reply) => {
        const answer = await handler(askedOf(request));
        // A schema's text is an answer as it is; everything else is JSON. As bytes: to text, Fastify adds a charset.
        return reply.send(Buffer.from(answer instanceof Text ? answer.text : JSON.stringify(answer)));
      },
    });
  };
  const state = () => registry.state();
  const subject = ({ path }: Asked): string => subjectOf(path('subject'));
  const version = ({ path }: Asked) => versionOf(path('version'));
  const which = ({ query }: Asked): Which =>
    query.flag('deletedOnly') ? 'deleted' : query.flag('deleted') ? 'all' : 'live';
  const formatted = (content: Content, { query }: Asked): string => {
    if (query.text('format') !== 'resolved') return content.schema;
    const parsed = contents.parsed(content);
    return parsed === undefined ? content.schema : printSchema(parsed.schema);
  };
  const whole = (found: SchemaVersion, asked: Asked) => ({
    subject: found.subject,
    version: found.version,
    id: found.id,
    ...contentOf(found),
    schema: formatted(found, asked),
  });
  /** Versions under an id: all of them, or the live ones. */
  const underId = (asked: Asked): readonly SchemaVersion[] => {
    const all = state().versionsOf(idOf(asked.path('id')));
    if (all.length === 0) throw errors.schemaNotFound();
    const inSubject = asked.query.text('subject');
    return all.filter(
      (found) =>
        (asked.query.flag('deleted') || !found.deleted) &&
        (inSubject === undefined || found.subject === inSubject),
    );
  };
  const contentUnderId = (asked: Asked): SchemaVersion => {
    const id = idOf(asked.path('id'));
    const [found] = state().versionsOf(id);
    if (found === undefined) throw errors.schemaNotFound(id);
    return found;
  };

  route('GET', '/', () => ({}));
  route('GET', '/contexts', () => ['.']);
  route('GET', '/v1/metadata/id', () => ({
    scope: {
      path: [],
      clusters: { 'kafka-cluster': clusterId, 'schema-registry-cluster': 'schema-registry' },
    },
  }));
  route('GET', '/v1/metadata/version', () => ({ version: served, commitId: '' }));

  route('GET', '/schemas/types', () => ['AVRO']);
  route('GET', '/schemas/ids/:id', (asked) => {
    const found = contentUnderId(asked);
    const maxId = asked.query.flag('fetchMaxId') ? { maxId: state().highestId() } : {};
    return { ...contentOf(found), schema: formatted(found, asked), ...maxId };
  });
  route('GET', '/schemas/ids/:id/schema', (asked) => new Text(formatted(contentUnderId(asked), asked)));
  route('GET', '/schemas/ids/:id/subjects', (asked) =>
    asked.query.page([...new Set(underId(asked).map((found) => found.subject))]),
  );
  route('GET', '/schemas/ids/:id/versions', (asked) =>
    asked.query.page(underId(asked).map((found) => ({ subject: found.subject, version: found.version }))),
  );
  route('GET', '/schemas', (asked) => {
    const prefix = prefixOf(asked);
    const included = which(asked) === 'all' ? 'all' : 'live';
    const versions = state()
      .subjects('all')
      .filter((name) => name.startsWith(prefix))
      .flatMap((name) => {
        const all = state().versions(name, included);
        return asked.query.flag('latestOnly') ? all.slice(-1) : all;
      });
    return asked.query.page(versions).map((found) => whole(found, asked));
  });

  route('GET', '/subjects', (asked) => {
    const prefix = prefixOf(asked);
    return asked.query.page(
      state()
        .subjects(which(asked))
        .filter((name) => name.startsWith(prefix)),
    );
  });
  route('POST', '/subjects/:subject', (asked) => {
    const { query, body } = asked;
    const request = schemaRequest(body);
    return whole(
      registry.lookup(subject(asked), request, query.flag('normalize'), query.flag('deleted')),
      asked,
    );
  });
  route('DELETE', '/subjects/:subject', (asked) =>
    registry.deleteSubject(subject(asked), asked.query.flag('permanent')),
  );
  route('GET', '/subjects/:subject/versions', (asked) => {
    const versions = state().versions(subject(asked), which(asked));
    if (versions.length === 0) throw errors.subjectNotFound(subject(asked));
    return asked.query.page(versions.map((found) => found.version));
  });
  route('POST', '/subjects/:subject/versions', async (asked) => ({
    id: await registry.register(subject(asked), schemaRequest(asked.body), asked.query.flag('normalize')),
  }));
  const one = (asked: Asked): SchemaVersion =>
    registry.findVersion(subject(asked), version(asked), asked.query.flag('deleted'));
  route('GET', '/subjects/:subject/versions/:version', (asked) => whole(one(asked), asked));
  route(
    'GET',
    '/subjects/:subject/versions/:version/schema',
    (asked) => new Text(formatted(one(asked), asked)),
  );
  route('GET', '/subjects/:subject/versions/:version/referencedby', (asked) => {
    const target = registry.findVersion(subject(asked), version(asked), true);
    const referrers = state().referrers(target.subject, target.version);
    const counted = referrers.filter(({ deleted }) => asked.query.flag('deleted') || !deleted);
    return asked.query.page([...new Set(counted.map(({ id }) => id))].sort((a, b) => a - b));
  });
  route('DELETE', '/subjects/:subject/versions/:version', (asked) =>
    registry.deleteVersion(subject(asked), version(asked), asked.query.flag('permanent')),
  );

  const compatibility = (asked: Asked, against: ReturnType<typeof versionOf> | 'all') => {
    const isVerbose = asked.query.flag('verbose');
    const messages = registry.test(
      subject(asked),
      schemaRequest(asked.body),
      against,
      asked.query.flag('normalize'),
    );
    return { is_compatible: messages.length === 0, ...(isVerbose ? { messages } : {}) };
  };
  route('POST', '/compatibility/subjects/:subject/versions/:version', (asked) =>
    compatibility(asked, version(asked)),
  );
  route('POST', '/compatibility/subjects/:subject/versions', (asked) => compatibility(asked, 'all'));

  route('GET', '/config', () => shown(registry.configInScope(undefined), state().config(undefined)));
  route('PUT', '/config', async ({ body }) => {
    const config = configRequest(body);
    await registry.setConfig(undefined, config);
    return echo(config);
  });
  route('DELETE', '/config', async () => shown(await registry.deleteConfig(undefined)));
  route('GET', '/config/:subject', (asked) => {
    const own = state().config(subject(asked));
    if (asked.query.flag('defaultToGlobal')) return shown(registry.configInScope(subject(asked)), own);
    if (own === undefined) throw errors.noConfigOfSubject(subject(asked));
    return shown(own);
  });
  route('PUT', '/config/:subject', async (asked) => {
    const config = configRequest(asked.body);
    await registry.setConfig(subject(asked), config);
    return echo(config);
  });
  route('DELETE', '/config/:subject', async (asked) => shown(await registry.deleteConfig(subject(asked))));

  route('GET', '/mode', () => ({ mode: registry.modeInScope(undefined) }));
  route('PUT', '/mode', async ({ body, query }) => {
    const mode = modeRequest(body);
    await registry.setMode(undefined, mode, query.flag('force'));
    return { mode };
  });
  route('DELETE', '/mode', async () => ({ mode: await registry.deleteMode(undefined) }));
  route('GET', '/mode/:subject', (asked) => {
    if (asked.query.flag('defaultToGlobal')) return { mode: registry.modeInScope(subject(asked)) };
    const mode = state().mode(subject(asked));
    if (mode === undefined) throw errors.noModeOfSubject(subject(asked));
    return { mode };
  });
  route('PUT', '/mode/:subject', async (asked) => {
    const mode = modeRequest(asked.body);
    await registry.setMode(subject(asked), mode, asked.query.flag('force'));
    return { mode };
  });
  route('DELETE', '/mode/:subject', async (asked) => ({ mode: await registry.deleteMode(subject(asked)) }));
}

/** A schema's text as an answer. */
class Text {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

function askedOf(request: FastifyRequest): Asked {
  const parameters = request.params as Readonly<Record<string, string | undefined>>;
  return { path: (name) => parameters[name] ?? '', query: queryOf(request.query), body: request.body };
}

/** Subjects may be asked for by prefix; `:*:` stands for all contexts, and there is one. */
const prefixOf = ({ query }: Asked): string => (query.text('subjectPrefix') ?? '').replace(/^:\*:/u, '');

const contentOf = ({ schemaType, references }: Content) => ({
  ...(schemaType === undefined ? {} : { schemaType }),
  ...(references.length === 0 ? {} : { references }),
});

/** A configuration as it is answered: the level that counts, and what else has been set. */
const shown = ({ compatibilityLevel }: Config, own?: Config) => ({
  compatibilityLevel,
  ...(own?.normalize === undefined ? {} : { normalize: own.normalize }),
});

/** A configuration as it is sent. */
const echo = ({ compatibilityLevel, normalize }: Config) => ({
  compatibility: compatibilityLevel,
  normalize,
});
