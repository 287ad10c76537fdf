// What the registry does, apart from HTTP: registering, looking up, deleting, comparing. Reading is synchronous, from memory;
// every write is decided in `store.write` and is answered when the log has it.
import type { Contents, Parsed } from './content.ts';
import { errors } from './errors.ts';
import { conflicts } from './evolution.ts';
import {
  contentKey,
  type CompatibilityLevel,
  type Config,
  type Mode,
  type Reference,
  type SchemaVersion,
} from './model.ts';
import type { Change } from './records.ts';
import type { State } from './state.ts';
import type { Store } from './store.ts';

/** What a client sends to register a schema or to ask about one. */
export interface SchemaRequest {
  readonly schema: string;
  readonly references: readonly Reference[];
  /** In IMPORT mode only. */
  readonly id?: number | undefined;
  readonly version?: number | undefined;
}

/** A version's number, or the latest. */
export type VersionNumber = number | 'latest';

const writing = {
  register: 'Register schema operation',
  remove: 'Delete operation',
  mode: 'Update mode operation',
};

interface ConfigInScope extends Config {
  readonly compatibilityLevel: CompatibilityLevel;
  readonly normalize: boolean;
}

export type Registry = ReturnType<typeof createRegistry>;

export function createRegistry(store: Store, contents: Contents) {
  const state = (): State => store.state();

  /** The mode that counts for a subject: a global READONLY_OVERRIDE beats all. */
  function modeInScope(subject: string | undefined): Mode {
    const everywhere = state().mode(undefined) ?? 'READWRITE';
    return everywhere === 'READONLY_OVERRIDE' ? everywhere : (state().mode(subject) ?? everywhere);
  }

  function configInScope(subject: string | undefined): ConfigInScope {
    const everywhere = state().config(undefined);
    const own = state().config(subject);
    return {
      compatibilityLevel: own?.compatibilityLevel ?? everywhere?.compatibilityLevel ?? 'BACKWARD',
      normalize: own?.normalize ?? everywhere?.normalize ?? false,
    };
  }

  function refuseReadOnly(subject: string | undefined): void {
    const mode = modeInScope(subject);
    if (mode === 'READONLY' || mode === 'READONLY_OVERRIDE')
      throw errors.notPermitted(`Subject ${subject ?? 'null'} in context . is in read-only mode`);
  }

  function checkMode(subject: string, { id }: SchemaRequest): void {
    refuseReadOnly(subject);
    const mode = modeInScope(subject);
    if (id !== undefined && mode !== 'IMPORT')
      throw errors.notPermitted(`Subject ${subject} in context . is not in import mode`);
    if (id === undefined && mode !== 'READWRITE')
      throw errors.notPermitted(`Subject ${subject} in context . is not in read-write mode`);
  }

  const read = (
    subject: string,
    { schema, references }: SchemaRequest,
    normalize: boolean,
    deleted: boolean,
  ): Parsed =>
    contents.read(schema, references, { normalize: normalize || configInScope(subject).normalize, deleted });

  /** The version of a subject that has this schema, the latest first: in the same words, or with references resolved. */
  function match(candidates: readonly SchemaVersion[], parsed: Parsed): SchemaVersion | undefined {
    const key = contentKey(parsed.content);
    const latestFirst = candidates.toReversed();
    const sameWords = latestFirst.find((version) => contentKey(version) === key);
    if (sameWords !== undefined) return sameWords;
    const references = JSON.stringify(parsed.content.references);
    return latestFirst.find(
      (version) =>
        (JSON.stringify(version.references) === references || parsed.content.references.length === 0) &&
        contents.parsed(version)?.identity === parsed.identity,
    );
  }

  function findVersion(subject: string, number: VersionNumber, deleted: boolean): SchemaVersion {
    const versions = state().versions(subject, deleted ? 'all' : 'live');
    if (versions.length === 0) throw errors.subjectNotFound(subject);
    const found = number === 'latest' ? versions.at(-1) : versions.find(({ version }) => version === number);
    return found ?? fail(errors.versionNotFound(number === 'latest' ? -1 : number));
  }

  /** What registering comes to: the id that is there already, or a version to be written. */
  function decideRegistration(
    subject: string,
    request: SchemaRequest,
    normalize: boolean,
  ): { readonly changes: readonly Change[]; readonly answer: number } {
    checkMode(subject, request);
    const { content, schema } = read(subject, request, normalize, false);
    const all = state().versions(subject, 'all');
    const live = all.filter(({ deleted }) => !deleted);
    if (modeInScope(subject) !== 'IMPORT') {
      const level = configInScope(subject).compatibilityLevel;
      const details = conflicts(schema, live, level, contents);
      if (details.length > 0) throw errors.incompatible(subject, `[${details.join(', ')}]`);
    }
    const next = (all.at(-1)?.version ?? 0) + 1;
    const version = request.version ?? next;
    if (version !== next && modeInScope(subject) !== 'IMPORT')
      throw errors.invalidSchema('Version is not one more than previous version');
    const id = request.id ?? state().idOf(content) ?? store.nextId();
    const before = state().versionsOf(id)[0];
    if (before !== undefined && contentKey(before) !== contentKey(content))
      throw errors.notPermitted(`Overwrite new schema with id ${String(id)} in context . is not permitted.`);
    // The same schema deleted before comes back under a new version; its old one goes, unless something refers to it.
    const replaced = all.filter(
      (old) =>
        old.deleted &&
        old.id === id &&
        old.version < version &&
        state().referrers(subject, old.version).length === 0,
    );
    const changes: Change[] = [
      ...replaced.map((old): Change => ({ kind: 'schema removed', subject, version: old.version })),
      { kind: 'schema', value: { ...content, subject, version, id, deleted: false } },
    ];
    return { changes, answer: id };
  }

  /** The version that has the schema already, so that nothing needs to be written. */
  function registered(
    subject: string,
    request: SchemaRequest,
    normalize: boolean,
  ): SchemaVersion | undefined {
    if (request.version !== undefined) return undefined;
    const found = match(state().versions(subject, 'live'), read(subject, request, normalize, false));
    return request.id === undefined || found?.id === request.id ? found : undefined;
  }

  function refuseReferenced(subject: string, version: number, permanent: boolean, apartFrom?: string): void {
    const referrers = state().referrers(subject, version);
    if (referrers.some((referrer) => (permanent || !referrer.deleted) && referrer.subject !== apartFrom))
      throw errors.referenceExists(subject, version);
  }

  /** Removes versions for good, with what is known of a subject that has none left. */
  function removal(subject: string, versions: readonly SchemaVersion[]): Change[] {
    const isLast = state().versions(subject, 'all').length === versions.length;
    const own: Change[] = [];
    if (isLast && state().config(subject) !== undefined)
      own.push({ kind: 'config', subject, config: undefined });
    if (isLast && state().mode(subject) !== undefined) own.push({ kind: 'mode', subject, mode: undefined });
    return [
      { kind: 'highest id', id: state().highestId() },
      ...versions.map(({ version }): Change => ({ kind: 'schema removed', subject, version })),
      ...own,
    ];
  }

  return {
    state,
    findVersion,

    /** @returns the schema's id */
    async register(subject: string, request: SchemaRequest, normalize: boolean): Promise<number> {
      checkMode(subject, request);
      const found = registered(subject, request, normalize);
      if (found !== undefined) return found.id;
      return store.write(writing.register, () => {
        const meanwhile = registered(subject, request, normalize);
        if (meanwhile !== undefined) return { changes: [], answer: meanwhile.id };
        return decideRegistration(subject, request, normalize);
      });
    },

    lookup(subject: string, request: SchemaRequest, normalize: boolean, deleted: boolean): SchemaVersion {
      const versions = state().versions(subject, deleted ? 'all' : 'live');
      const parsed = read(subject, request, normalize, true);
      if (versions.length === 0) throw errors.subjectNotFound(subject);
      return match(versions, parsed) ?? fail(errors.schemaNotFound());
    },

    /**
     * Compares a schema with one version, or with those that registering would compare it with.
     * @returns what stands in the way
     */
    test(
      subject: string,
      request: SchemaRequest,
      against: VersionNumber | 'all',
      normalize: boolean,
    ): string[] {
      const live = state().versions(subject, 'live');
      let earlier = live;
      if (against === 'latest') earlier = live.slice(-1);
      else if (against !== 'all') {
        earlier = live.filter(({ version }) => version === against);
        if (earlier.length === 0) throw errors.versionNotFound(against);
      }
      const { schema } = read(subject, request, normalize, false);
      return conflicts(schema, earlier, configInScope(subject).compatibilityLevel, contents);
    },

    /** @returns the number of the version deleted */
    deleteVersion: (subject: string, number: VersionNumber, permanent: boolean): Promise<number> =>
      store.write(writing.remove, () => {
        const all = state().versions(subject, 'all');
        if (all.length === 0) throw errors.subjectNotFound(subject);
        const target =
          number === 'latest'
            ? all.findLast(({ deleted }) => !deleted)
            : all.find(({ version }) => version === number);
        if (target === undefined) throw errors.versionNotFound(number === 'latest' ? -1 : number);
        const { version, deleted } = target;
        if (deleted && !permanent) throw errors.versionSoftDeleted(subject, version);
        refuseReadOnly(subject);
        refuseReferenced(subject, version, permanent);
        if (!deleted && permanent) throw errors.versionNotSoftDeleted(subject, version);
        const changes: Change[] = permanent
          ? removal(subject, [target])
          : [{ kind: 'schema', value: { ...target, deleted: true } }];
        return { changes, answer: version };
      }),

    /** @returns the numbers of the versions deleted */
    deleteSubject: (subject: string, permanent: boolean): Promise<number[]> =>
      store.write(writing.remove, () => {
        const all = state().versions(subject, 'all');
        const live = state().versions(subject, 'live');
        if (all.length === 0) throw errors.subjectNotFound(subject);
        if (!permanent && live.length === 0) throw errors.subjectSoftDeleted(subject);
        refuseReadOnly(subject);
        const targets = permanent ? all : live;
        for (const { version } of targets) refuseReferenced(subject, version, permanent, subject);
        if (permanent && live.length > 0) throw errors.subjectNotSoftDeleted(subject);
        const answer = targets.map(({ version }) => version);
        const changes: Change[] = permanent
          ? removal(subject, targets)
          : [{ kind: 'subject deleted', subject, upTo: Math.max(...answer) }];
        return { changes, answer };
      }),

    configInScope,
    setConfig: (subject: string | undefined, config: Config): Promise<void> =>
      store.write('Update config operation', () => {
        refuseReadOnly(subject);
        const merged = { ...state().config(subject), ...config };
        return { changes: [{ kind: 'config', subject, config: merged }], answer: undefined };
      }),
    deleteConfig: (subject: string | undefined): Promise<Config> =>
      store.write('Delete config operation', () => {
        refuseReadOnly(subject);
        const answer =
          state().config(subject) ?? (subject === undefined ? configInScope(subject) : undefined);
        if (answer === undefined) throw errors.subjectNotFound(subject ?? '');
        return { changes: [{ kind: 'config', subject, config: undefined }], answer };
      }),

    modeInScope,
    /** @param force - lets a subject that has schemas be set to IMPORT */
    setMode: (subject: string | undefined, mode: Mode, force: boolean): Promise<void> =>
      store.write(writing.mode, () => {
        const changes: Change[] = [];
        if (mode === 'IMPORT' && modeInScope(subject) !== 'IMPORT' && !force) {
          const concerned = subject === undefined ? state().subjects('all') : [subject];
          const versions = concerned.flatMap((name) => state().versions(name, 'all'));
          if (versions.some(({ deleted }) => !deleted))
            throw errors.notPermitted('Cannot import since found existing subjects');
          for (const version of versions) refuseReferenced(version.subject, version.version, true);
          if (versions.length > 0) changes.push({ kind: 'highest id', id: state().highestId() });
          for (const { subject: name, version } of versions)
            changes.push({ kind: 'schema removed', subject: name, version });
        }
        return { changes: [...changes, { kind: 'mode', subject, mode }], answer: undefined };
      }),
    deleteMode: (subject: string | undefined): Promise<Mode> =>
      store.write(writing.mode, () => {
        const answer = state().mode(subject) ?? (subject === undefined ? 'READWRITE' : undefined);
        if (answer === undefined) throw errors.subjectNotFound(subject ?? '');
        return { changes: [{ kind: 'mode', subject, mode: undefined }], answer };
      }),
  };
}

function fail(error: Error): never {
  throw error;
}
