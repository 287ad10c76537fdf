// What the group coordinator keeps in `__consumer_offsets`, in Kafka's own format (GroupMetadataKey 2 and -Value 3, OffsetCommitKey 1
// and -Value 3), so that tools which read that topic understand it. One kind of record is this broker's own: an offset that waits for
// its transaction. Kafka writes it as a transactional batch; here it has a key that names the producer, and the end of the
// transaction deletes it in the same append that makes it a committed offset.
import { readStruct, writeStruct } from '../protocol/codec.ts';
import { Reader } from '../protocol/reader.ts';
import {
  array,
  bytes,
  int32,
  int64,
  nullable,
  string,
  type Decoded,
  type Fields,
} from '../protocol/schema.ts';
import { Writer } from '../protocol/writer.ts';
import { metadataOf, type Group, type Member } from './group.ts';

/** What is kept of a group: a generation with its assignments, or that it has become empty. */
export interface GroupRecord {
  readonly groupId: string;
  readonly protocolType: string;
  readonly generation: number;
  readonly protocol: string | null;
  readonly leader: string | null;
  /** ms; since when the group is in its state. */
  readonly currentStateTimestamp: number;
  readonly members: readonly MemberRecord[];
}

export interface MemberRecord {
  readonly memberId: string;
  readonly groupInstanceId: string | null;
  readonly clientId: string;
  readonly clientHost: string;
  readonly rebalanceTimeout: number;
  readonly sessionTimeout: number;
  readonly subscription: Buffer;
  readonly assignment: Buffer;
}

/** A committed offset. */
export interface CommittedOffset {
  readonly offset: number;
  /** -1: not said. */
  readonly leaderEpoch: number;
  readonly metadata: string;
  /** ms */
  readonly commitTimestamp: number;
}

/** Whose offset of which partition. */
export interface OffsetKey {
  readonly group: string;
  readonly topic: string;
  readonly partition: number;
}

export interface Entry {
  readonly key: Buffer;
  readonly value: Buffer | null;
}

/** A record as it is read again; what it says nothing about (`null`) is deleted. */
export type StoredRecord =
  | { readonly kind: 'group'; readonly groupId: string; readonly record: GroupRecord | null }
  | { readonly kind: 'offset'; readonly key: OffsetKey; readonly committed: CommittedOffset | null }
  | {
      readonly kind: 'pending offset';
      readonly producerId: number;
      readonly key: OffsetKey;
      readonly committed: CommittedOffset | null;
    };

const keyVersions = { offset: 1, group: 2, pendingOffset: 32_000 };
const valueVersion = 3;

const offsetKey = { group: string(), topic: string(), partition: int32() };

const tables = {
  groupKey: { group: string() },
  groupValue: {
    protocolType: string(),
    generation: int32(),
    protocol: nullable(string()),
    leader: nullable(string()),
    currentStateTimestamp: int64(),
    members: array({
      memberId: string(),
      groupInstanceId: nullable(string()),
      clientId: string(),
      clientHost: string(),
      rebalanceTimeout: int32(),
      sessionTimeout: int32(),
      subscription: bytes(),
      assignment: bytes(),
    }),
  },
  offsetKey,
  offsetValue: { offset: int64(), leaderEpoch: int32(), metadata: string(), commitTimestamp: int64() },
  pendingKey: { producerId: int64(), ...offsetKey },
} as const;

const form = { version: 0, flexible: false };

/** A struct after its version. */
function codec<F extends Fields>(fields: F) {
  const read = readStruct(fields, form);
  const write = writeStruct(fields, form);
  return {
    encode(version: number, value: Decoded<F>): Buffer {
      const writer = new Writer();
      writer.int16(version);
      write(writer, value);
      return Buffer.concat(writer.finish());
    },
    /** Reads what follows the version. */
    decode: (reader: Reader): Decoded<F> => read(reader) as Decoded<F>,
  };
}

const groupKeys = codec(tables.groupKey);
const groupValues = codec(tables.groupValue);
const offsetKeys = codec(tables.offsetKey);
const offsetValues = codec(tables.offsetValue);
const pendingKeys = codec(tables.pendingKey);

/** A group as it is to be kept, with the assignments that it is about to have. */
export const recordOf = (
  group: Group,
  assignmentOf = (member: Member): Buffer => member.assignment,
): GroupRecord => ({
  groupId: group.groupId,
  protocolType: group.protocolType ?? '',
  generation: group.generation,
  protocol: group.protocol,
  leader: group.leader,
  currentStateTimestamp: group.stateSince,
  members: group.members
    .values()
    .map((member) => ({
      memberId: member.memberId,
      groupInstanceId: member.groupInstanceId,
      clientId: member.clientId,
      clientHost: member.clientHost,
      rebalanceTimeout: member.rebalanceTimeoutMs,
      sessionTimeout: member.sessionTimeoutMs,
      subscription: metadataOf(member, group.protocol),
      assignment: assignmentOf(member),
    }))
    .toArray(),
});

/** The entry that keeps a group. */
export const groupEntry = (record: GroupRecord): Entry => ({
  key: groupKeys.encode(keyVersions.group, { group: record.groupId }),
  value: groupValues.encode(valueVersion, record),
});

/** The entry that deletes a group; its offsets have entries of their own. */
export const groupTombstone = (groupId: string): Entry => ({
  key: groupKeys.encode(keyVersions.group, { group: groupId }),
  value: null,
});

/** The entry that commits an offset, or deletes it (null). */
export const offsetEntry = (key: OffsetKey, committed: CommittedOffset | null): Entry => ({
  key: offsetKeys.encode(keyVersions.offset, key),
  value: committed && offsetValues.encode(valueVersion, committed),
});

/** The entry that keeps an offset until its transaction ends, or deletes it (null). */
export const pendingEntry = (
  producerId: number,
  key: OffsetKey,
  committed: CommittedOffset | null,
): Entry => ({
  key: pendingKeys.encode(keyVersions.pendingOffset, { producerId, ...key }),
  value: committed && offsetValues.encode(valueVersion, committed),
});

/**
 * Reads an entry. Keys of another version give undefined: whoever wrote them knows what they mean.
 *
 * @throws MalformedMessage
 */
export function readEntry(key: Buffer, value: Buffer | null): StoredRecord | undefined {
  const reader = new Reader(key);
  switch (reader.int16()) {
    case keyVersions.group: {
      const groupId = groupKeys.decode(reader).group;
      const record = value && { groupId, ...groupValues.decode(afterVersion(value)) };
      return { kind: 'group', groupId, record };
    }
    case keyVersions.offset:
      return { kind: 'offset', key: offsetKeys.decode(reader), committed: readOffset(value) };
    case keyVersions.pendingOffset: {
      const { producerId, ...rest } = pendingKeys.decode(reader);
      return { kind: 'pending offset', producerId, key: rest, committed: readOffset(value) };
    }
    default:
      return undefined;
  }
}

const readOffset = (value: Buffer | null): CommittedOffset | null =>
  value && offsetValues.decode(afterVersion(value));

function afterVersion(value: Buffer): Reader {
  const reader = new Reader(value);
  const version = reader.int16();
  if (version !== valueVersion)
    throw new Error(`__consumer_offsets has a value of version ${String(version)}`);
  return reader;
}
