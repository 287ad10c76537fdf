// Where topics are on the disk: `<topics>/<name>.<id>/` holds `topic.json` (name, id, number of partitions, settings) and a folder for
// each partition, `0`, `1`, …. The id makes the folder unique on file systems that do not tell cases apart, and a topic that is made
// again another one. A topic is there when its folder has its name; making and deleting one are single renames.
import { mkdir, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { replaceFile, syncDirectory } from '../log/files.ts';

/** What is stored of a topic. */
export interface TopicDescription {
  readonly name: string;
  /** 16 bytes as 22 characters of base64url. */
  readonly id: string;
  readonly partitions: number;
  /** Those that were set, by name. */
  readonly settings: Readonly<Record<string, string>>;
}

const format = 1;
/** So that folder names fit into every file system; the id tells apart what this makes alike. */
const nameCharacters = 100;

const folderOf = (topics: string, { name, id }: TopicDescription): string =>
  join(topics, `${name.slice(0, nameCharacters)}.${id}`);

/** A partition's folder. */
export const partitionFolder = (topics: string, topic: TopicDescription, partition: number): string =>
  join(folderOf(topics, topic), String(partition));

/** Makes a topic with empty partitions; it is there, durably, when this resolves, and not at all when it fails. */
export async function createTopicFiles(topics: string, topic: TopicDescription): Promise<void> {
  const folder = folderOf(topics, topic);
  const unfinished = `${folder}.new`;
  await mkdir(unfinished);
  await makePartitions(unfinished, 0, topic.partitions);
  await describe(unfinished, topic);
  await rename(unfinished, folder);
  await syncDirectory(topics);
}

/** Replaces what is stored of a topic; folders of partitions that are new are made first. */
export async function changeTopicFiles(
  topics: string,
  before: TopicDescription,
  after: TopicDescription,
): Promise<void> {
  const folder = folderOf(topics, after);
  await makePartitions(folder, before.partitions, after.partitions);
  await describe(folder, after);
}

/** Deletes a topic; it is gone, durably, when this resolves. */
export async function deleteTopicFiles(topics: string, topic: TopicDescription): Promise<void> {
  const folder = folderOf(topics, topic);
  const doomed = `${folder}.deleted`;
  await rename(folder, doomed);
  await syncDirectory(topics);
  await rm(doomed, { recursive: true, force: true });
}

/** The topics that are there; what was left half made or half deleted is removed. */
export async function readTopicFiles(topics: string): Promise<TopicDescription[]> {
  await mkdir(topics, { recursive: true });
  const found: TopicDescription[] = [];
  for (const entry of await readdir(topics, { withFileTypes: true })) {
    const { name } = entry;
    const folder = join(topics, name);
    if (!entry.isDirectory()) continue;
    if (/\.(new|deleted)$/.test(name)) {
      await rm(folder, { recursive: true, force: true });
    } else {
      found.push(await readDescription(folder));
    }
  }
  return found;
}

async function makePartitions(folder: string, from: number, to: number): Promise<void> {
  for (let i = from; i < to; i++) await mkdir(join(folder, String(i)), { recursive: true });
}

async function describe(folder: string, topic: TopicDescription): Promise<void> {
  await replaceFile(join(folder, 'topic.json'), `${JSON.stringify({ format, ...topic }, null, 2)}\n`);
}

async function readDescription(folder: string): Promise<TopicDescription> {
  const path = join(folder, 'topic.json');
  const { format: found, ...topic } = JSON.parse(await readFile(path, 'utf8')) as TopicDescription & {
    readonly format: number;
  };
  if (found !== format)
    throw new Error(`${path} is of format ${String(found)}, and this broker knows ${String(format)}`);
  return topic;
}
