import axe from 'axe-core';
import { chromium, type Browser, type Page } from 'playwright-core';
import { describe, expect } from 'vitest';
import { unpackChromium, type Chromium } from './unpack-chromium.ts';

/** A browser of one's own, for machines that the packaged one does not fit. */
const ownBrowser = process.env['SAFELIGHT_TEST_BROWSER'];

const whyNoBrowser =
  ownBrowser || (process.platform === 'linux' && process.arch === 'x64')
    ? undefined
    : `npm ships no Chromium for ${process.platform}-${process.arch}; set SAFELIGHT_TEST_BROWSER to the path of one`;

/** A suite that needs `openBrowser`; where none can run it is skipped under a name that says so. */
export const describeInBrowser = (name: string, body: () => void): void => {
  describe.skipIf(whyNoBrowser)(whyNoBrowser ? `${name}: ${whyNoBrowser}` : name, body);
};

/** Starts a headless Chromium. The caller closes it. */
export const openBrowser = async (): Promise<Browser> => {
  const { executablePath, env }: Chromium = ownBrowser ? { executablePath: ownBrowser, env: {} } : await unpackChromium();
  // Not the arguments the package recommends: those switch off CORS and site isolation, which are among the things to test.
  return chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'], env: { ...definedOnly(process.env), ...env } });
};

/** Fails with each rule that the page breaks, and where. Covers WCAG 2.2 A and AA and axe's best practices. */
export const expectNoAxeViolations = async (page: Page): Promise<void> => {
  // Evaluated, not added as a script tag: the page's own Content-Security-Policy would refuse that.
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate(() => (globalThis as unknown as { axe: typeof axe }).axe.run());
  expect(violations.map(({ id, help, nodes }) => `${id}: ${help} at ${nodes.map((node) => node.target.join(' ')).join(', ')}`)).toEqual([]);
};

const definedOnly = (env: NodeJS.ProcessEnv): Record<string, string> =>
  Object.fromEntries(Object.entries(env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));
