// Draws documentation/architecture.png from the first Mermaid block of architecture.md:  node documentation/render.ts
// The picture is for readers whose viewer does not draw Mermaid; the block is the source. Needs Linux on x64 (a Chromium comes
// with npm), or a Chromium or Chrome of your own in CHROMIUM_PATH.
import { readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { launchBrowser } from '@comptoir/ui/chromium';

const folder = new URL('./', import.meta.url);

/** The Mermaid blocks of a Markdown text, in order, without their fences. */
export const mermaidBlocks = (markdown: string): string[] =>
  [...markdown.matchAll(/^```mermaid\n(.*?)^```$/gms)].map(([, block = '']) => block);

/** Ink on paper, as the panel has it. */
const theme = {
  fontFamily: 'Helvetica, Arial, sans-serif',
  fontSize: '15px',
  primaryColor: '#ffffff',
  primaryBorderColor: '#57534e',
  primaryTextColor: '#1c1917',
  lineColor: '#57534e',
  clusterBkg: '#f5f2ea',
  clusterBorder: '#d6d0c2',
  edgeLabelBackground: '#fffdf8',
};
const paper = '#fffdf8';

/** Draws a Mermaid block. @returns a PNG */
async function draw(block: string): Promise<Buffer> {
  const browser = await launchBrowser();
  if (browser === undefined) throw new Error('no browser to draw with');
  try {
    const page = await browser.newPage({ deviceScaleFactor: 2, viewport: { width: 1600, height: 1200 } });
    const script = createRequire(import.meta.url).resolve('@mermaid-js/tiny');
    await page.setContent(
      `<body style="margin:0;background:${paper}"><pre class="mermaid" style="display:inline-block;margin:0;padding:24px"></pre></body>`,
    );
    await page.addScriptTag({ path: script });
    const settings = {
      startOnLoad: false,
      theme: 'base',
      themeVariables: theme,
      flowchart: { useMaxWidth: false, wrappingWidth: 400 },
    };
    const run = `(async () => {
      document.querySelector('.mermaid').textContent = ${JSON.stringify(block)};
      mermaid.initialize(${JSON.stringify(settings)});
      await mermaid.run();
    })()`;
    await page.evaluate(run);
    return await page.locator('.mermaid').screenshot();
  } finally {
    await browser.close();
  }
}

if (import.meta.main) {
  const source = new URL('architecture.md', folder);
  const [first] = mermaidBlocks(await readFile(source, 'utf8'));
  if (first === undefined) throw new Error(`${fileURLToPath(source)} has no Mermaid block`);
  await writeFile(new URL('architecture.png', folder), await draw(first));
}
