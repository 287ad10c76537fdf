// axe-core in the page: WCAG 2.2 A and AA, and nothing excepted.
import axe from 'axe-core';
import type { Page } from 'playwright-core';

/** Put into a page with `page.evaluate`, so that no script of the page's own policy is in the way. */
export const axeSource = axe.source;

/** What axe finds, as one line each: rule and place. */
export async function seriousProblems(page: Page): Promise<string[]> {
  const { violations } = await page.evaluate(() =>
    (globalThis as unknown as { axe: typeof axe }).axe.run(document, {
      runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
    }),
  );
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id} at ${target.join(' ')}: ${failureSummary ?? ''}`),
  );
}
