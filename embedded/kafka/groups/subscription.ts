// What the members of a group of the protocol type `consumer` say that they read (ConsumerProtocolSubscription): the coordinator
// looks into these bytes for one reason only, to know which offsets are in use.
import { Reader } from '../protocol/reader.ts';
import { metadataOf, type Group } from './group.ts';

/** The topics that a group reads; null: not known, because it is not of consumers or has no generation. */
export function subscribedTopics(group: Group): ReadonlySet<string> | null {
  if (group.protocolType !== 'consumer' || group.protocol === null)
    return group.members.size === 0 ? new Set() : null;
  const topics = new Set<string>();
  try {
    for (const member of group.members.values()) {
      for (const topic of readTopics(metadataOf(member, group.protocol))) topics.add(topic);
    }
  } catch {
    return null; // Not in the consumers' format: a custom assigner may do as it likes.
  }
  return topics;
}

/** Whether a topic's offsets are in use; as long as that is not known, those of consumers are. */
export const isSubscribed = (group: Group, topic: string): boolean =>
  subscribedTopics(group)?.has(topic) ?? group.protocolType === 'consumer';

/** Version, topics; user data and later fields follow. */
function readTopics(metadata: Buffer): string[] {
  const reader = new Reader(metadata);
  reader.int16();
  const count = reader.int32();
  const topics: string[] = [];
  for (let i = 0; i < count; i++) topics.push(reader.text(reader.int16()));
  return topics;
}
