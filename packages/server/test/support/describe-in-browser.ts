import { describe } from 'vitest';
import { whyNoBrowser } from './browser.ts';

/**
 * A suite that needs `openBrowser`, and perhaps something else that `missing` describes; where it cannot run it is skipped under a name that says so.
 */
export const describeInBrowser = (name: string, body: () => void, missing: string | null = null): void => {
  const why = whyNoBrowser ?? missing;
  describe.skipIf(why)(why ? `${name}: ${why}` : name, body);
};
