import axe from 'axe-core';
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';
import { unpackChromium, type Chromium } from './unpack-chromium.ts';

/** Another browser, for machines on which the packaged one does not run. */
const ownBrowser = process.env['SAFELIGHT_TEST_BROWSER'];

/** Why no browser can be opened on this machine, as the end of a sentence; undefined if one can. */
export const whyNoBrowser =
  ownBrowser || (process.platform === 'linux' && process.arch === 'x64')
    ? undefined
    : `npm ships no Chromium for ${process.platform}-${process.arch}; set SAFELIGHT_TEST_BROWSER to the path of one`;

/** Starts a headless Chromium. The caller closes it. */
export const openBrowser = async (): Promise<Browser> => {
  const { executablePath, env }: Chromium = ownBrowser ? { executablePath: ownBrowser, env: {} } : await unpackChromium();
  // Not the arguments that the package recommends: those disable CORS and site isolation, which are among the things to test.
  return chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'], env: { ...definedOnly(process.env), ...env } });
};

/**
 * Closes a context, and with it its pages. A route that still waits for an answer would reject when its page goes, after the test, where no test hears
 * it: the suite then fails without a failed test.
 */
export const closeContext = async (context: BrowserContext): Promise<void> => {
  for (const routed of [...context.pages(), context]) await routed.unrouteAll({ behavior: 'ignoreErrors' });
  await context.close();
};

/** Throws with each rule that the page breaks, and where. Covers WCAG 2.2 A and AA and axe's best practices. */
export const expectNoAxeViolations = async (page: Page): Promise<void> => {
  // Evaluated, not added as a script tag, which the page's own Content-Security-Policy would refuse.
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate(() => (globalThis as unknown as { axe: typeof axe }).axe.run());
  if (violations.length === 0) return;
  const lines = violations.map(({ id, help, nodes }) => `${id}: ${help}, at ${nodes.map((node) => node.target.join(' ')).join(' and ')}`);
  throw new Error(`${page.url().slice(0, 100)} breaks rules of accessibility:\n${lines.join('\n')}`);
};

const definedOnly = (env: NodeJS.ProcessEnv): Record<string, string> =>
  Object.fromEntries(Object.entries(env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));
