// What is written about the project holds as far as a machine can tell: every relative link leads to a file of the repository,
// and to a heading of it, every Mermaid block is a diagram, and a text and its translation are built alike.
// @vitest-environment jsdom
import { existsSync, globSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { runInThisContext } from 'node:vm';
import { beforeAll, describe, expect, it } from 'vitest';
import { mermaidBlocks } from '../../documentation/render.ts';
import { knownDifferences } from '../conformance/mongodb/known-differences.ts';

/** The one function of Mermaid that is needed here: rejects what is no diagram. */
interface Mermaid {
  parse(text: string): Promise<unknown>;
}

const root = resolve(import.meta.dirname, '../..');
const elsewhere = new Set(['node_modules', 'dist', 'coverage', '.data', '.git']);
const files = globSync('**/*.md', {
  cwd: root,
  exclude: (name) => elsewhere.has(name.split('/').at(-1) ?? ''),
});
const text = (file: string): string => readFileSync(join(root, file), 'utf8');

const withoutCode = (markdown: string): string =>
  markdown.replaceAll(/^```.*?^```$/gms, '').replaceAll(/`[^`\n]*`/g, '`code`');

/** Targets of the links and images that do not leave the repository. */
const relativeLinks = (markdown: string): string[] =>
  [...withoutCode(markdown).matchAll(/\]\(<?([^)\s>]+)|(?:href|src)="([^"]+)"|^\[[^\]]+\]: *(\S+)/gm)]
    .map(([, link = '', attribute = '', reference = '']) => link + attribute + reference)
    .filter((target) => !/^[a-z][a-z+.-]*:|^\/\//i.test(target));

/** Ids of the headings of a Markdown text, as GitHub makes them. */
const headingIds = (markdown: string): string[] =>
  [...markdown.replaceAll(/^```.*?^```$/gms, '').matchAll(/^#{1,6} +(.+?) *#*$/gm)].map(([, heading = '']) =>
    heading
      .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(/\s/g, '-'),
  );

function broken(file: string): string[] {
  return relativeLinks(text(file)).filter((target) => {
    const [path = '', heading] = decodeURIComponent(target).split('#', 2);
    const linked = path === '' ? file : join(dirname(file), path);
    if (!existsSync(join(root, linked))) return true;
    return heading !== undefined && linked.endsWith('.md') && !headingIds(text(linked)).includes(heading);
  });
}

/** What a text is built of, in order: headings by their level, tables by their rows, code blocks by their language. */
const shape = (markdown: string): string[] =>
  [...markdown.matchAll(/^```(\w*)\n.*?^```$|^(#{1,6}) |(?:^\|[^\n]*\n)+/gms)].map(
    ([block, language, heading]) =>
      language === undefined
        ? (heading ?? `${String(block.split('\n').length - 1)} rows`)
        : `code ${language}`,
  );

/** Mermaid is made for a browser: a script, no module, that finds a document and leaves a global. */
function loadMermaid(): Mermaid {
  const file = createRequire(import.meta.url).resolve('@mermaid-js/tiny');
  runInThisContext(readFileSync(file, 'utf8'), { filename: file });
  return (globalThis as typeof globalThis & { mermaid: Mermaid }).mermaid;
}

describe('the documentation', () => {
  let mermaid: Mermaid;
  beforeAll(() => {
    mermaid = loadMermaid();
  });

  it('is found', () => {
    expect(files).toEqual(
      expect.arrayContaining(['README.md', 'README.fr.md', 'documentation/architecture.md']),
    );
  });

  it.each(files)('%s links only to what is there', (file) => {
    expect(broken(file)).toEqual([]);
  });

  it.each(files.filter((file) => mermaidBlocks(text(file)).length > 0))(
    '%s draws its diagrams',
    async (file) => {
      for (const block of mermaidBlocks(text(file))) await mermaid.parse(block);
    },
  );

  it('would not pass with a block that is no diagram', async () => {
    await expect(mermaid.parse('flowchart TB\n  browser -- commands')).rejects.toThrow();
  });

  it.each(files.filter((file) => file.endsWith('.fr.md')))('%s is built as its original', (file) => {
    expect(shape(text(file))).toEqual(shape(text(file.replace('.fr.md', '.md'))));
  });
});

it('the README of the embedded MongoDB lists every kind of difference that its comparison knows', () => {
  const list = text('embedded/mongodb/README.md');
  const missing = knownDifferences.filter(
    ({ reason, page }) => !list.includes(`${reason} | [${page.replaceAll(/^\/|\/$/g, '')}]`),
  );
  expect(missing.map(({ reason }) => reason)).toEqual([]);
});
