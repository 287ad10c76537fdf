// The registry in memory: the sum of all changes in the order of the log. It is asked synchronously and changed by `apply` alone.
import { contentKey, type Config, type Content, type Mode, type SchemaVersion } from './model.ts';
import type { Change } from './records.ts';

/** Which versions count. */
export type Which = 'live' | 'all' | 'deleted';
const counts = (which: Which, { deleted }: SchemaVersion): boolean =>
  which === 'all' || deleted === (which === 'deleted');

export interface State {
  apply(change: Change): void;
  /** Subjects in the order of their names. */
  subjects(which: Which): string[];
  /** Versions of a subject, the oldest first. */
  versions(subject: string, which: Which): SchemaVersion[];
  version(subject: string, version: number): SchemaVersion | undefined;
  /** All versions under an id, in the order of their subjects. */
  versionsOf(id: number): SchemaVersion[];
  /** The id of a content that is under some subject, deleted or not. */
  idOf(content: Content): number | undefined;
  /** Versions whose schemas refer to this one. */
  referrers(subject: string, version: number): SchemaVersion[];
  config(subject: string | undefined): Config | undefined;
  mode(subject: string | undefined): Mode | undefined;
  /** The highest id that has ever been given. */
  highestId(): number;
}

const bySubject = (a: SchemaVersion, b: SchemaVersion): number =>
  a.subject === b.subject ? a.version - b.version : a.subject < b.subject ? -1 : 1;

/** An empty state. */
export function createState(): State {
  const subjects = new Map<string, Map<number, SchemaVersion>>();
  const byId = new Map<number, Set<SchemaVersion>>();
  const ids = new Map<string, Set<number>>();
  const referrers = new Map<string, Set<SchemaVersion>>();
  const configs = new Map<string | undefined, Config>();
  const modes = new Map<string | undefined, Mode>();
  let highest = 0;

  const target = (subject: string, version: number): string => JSON.stringify([subject, version]);

  function addTo<K, V>(index: Map<K, Set<V>>, key: K, value: V): void {
    const values = index.get(key);
    if (values === undefined) index.set(key, new Set([value]));
    else values.add(value);
  }
  function removeFrom<K, V>(index: Map<K, Set<V>>, key: K, value: V): void {
    const values = index.get(key);
    if (values?.delete(value) === true && values.size === 0) index.delete(key);
  }

  function put(value: SchemaVersion): void {
    remove(value.subject, value.version);
    const versions = subjects.get(value.subject) ?? new Map<number, SchemaVersion>();
    subjects.set(value.subject, versions.set(value.version, value));
    addTo(byId, value.id, value);
    addTo(ids, contentKey(value), value.id);
    for (const { subject, version } of value.references) addTo(referrers, target(subject, version), value);
    highest = Math.max(highest, value.id);
  }

  function remove(subject: string, version: number): void {
    const versions = subjects.get(subject);
    const value = versions?.get(version);
    if (versions === undefined || value === undefined) return;
    versions.delete(version);
    if (versions.size === 0) subjects.delete(subject);
    removeFrom(byId, value.id, value);
    const isUsed = [...(byId.get(value.id) ?? [])].some((other) => contentKey(other) === contentKey(value));
    if (!isUsed) removeFrom(ids, contentKey(value), value.id);
    for (const reference of value.references)
      removeFrom(referrers, target(reference.subject, reference.version), value);
  }

  const versionsOf = (subject: string, which: Which): SchemaVersion[] =>
    [...(subjects.get(subject)?.values() ?? [])].filter((value) => counts(which, value)).sort(bySubject);

  function set<V>(
    values: Map<string | undefined, V>,
    subject: string | undefined,
    value: V | undefined,
  ): void {
    if (value === undefined) values.delete(subject);
    else values.set(subject, value);
  }

  return {
    apply(change) {
      switch (change.kind) {
        case 'schema':
          put(change.value);
          break;
        case 'schema removed':
          remove(change.subject, change.version);
          break;
        case 'subject deleted':
          for (const value of versionsOf(change.subject, 'live'))
            if (value.version <= change.upTo) put({ ...value, deleted: true });
          break;
        case 'config':
          set(configs, change.subject, change.config);
          break;
        case 'mode':
          set(modes, change.subject, change.mode);
          break;
        case 'highest id':
          highest = Math.max(highest, change.id);
          break;
      }
    },
    // A subject is deleted when no version of it is live.
    subjects: (which) =>
      [...subjects.keys()]
        .filter(
          (subject) =>
            which === 'all' || (versionsOf(subject, 'live').length === 0) === (which === 'deleted'),
        )
        .sort(),
    versions: versionsOf,
    version: (subject, version) => subjects.get(subject)?.get(version),
    versionsOf: (id) => [...(byId.get(id) ?? [])].sort(bySubject),
    idOf: (content) => [...(ids.get(contentKey(content)) ?? [])][0],
    referrers: (subject, version) => [...(referrers.get(target(subject, version)) ?? [])],
    config: (subject) => configs.get(subject),
    mode: (subject) => modes.get(subject),
    highestId: () => highest,
  };
}
