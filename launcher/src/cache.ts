// What is fetched or built once and kept outside the project, in $XDG_CACHE_HOME/comptoir, by default ~/.cache/comptoir. A folder of it
// is there whole or not at all.
import { mkdir, mkdtemp, rename, rm, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** Where all of it is. */
export const cacheFolder = (): string => {
  const cache = process.env.XDG_CACHE_HOME;
  return join(cache === undefined || cache === '' ? join(homedir(), '.cache') : cache, 'comptoir');
};

/**
 * The folder `name` of the cache, filled by `fill` when it is not there yet.
 *
 * @param fill - gets an empty folder; when it throws, nothing is kept
 */
export async function cached(name: string, fill: (folder: string) => Promise<void>): Promise<string> {
  const folder = join(cacheFolder(), name);
  const isThere = async (): Promise<boolean> =>
    (await stat(folder).catch(() => undefined))?.isDirectory() === true;
  if (await isThere()) return folder;
  await mkdir(cacheFolder(), { recursive: true });
  const filling = await mkdtemp(`${folder}.filling-`);
  try {
    await fill(filling);
    await rename(filling, folder);
  } catch (error) {
    // Somebody else may have filled it meanwhile, and a folder is not renamed onto a full one.
    if (!(await isThere())) throw error;
  } finally {
    await rm(filling, { recursive: true, force: true });
  }
  return folder;
}
