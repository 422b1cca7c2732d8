import { describe } from 'vitest';
import { whyNoBrowser } from './browser.ts';

/** A suite that needs `openBrowser`; where none can run it is skipped under a name that says so. */
export const describeInBrowser = (name: string, body: () => void): void => {
  describe.skipIf(whyNoBrowser)(whyNoBrowser ? `${name}: ${whyNoBrowser}` : name, body);
};
