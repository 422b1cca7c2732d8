import { writeFileSync } from 'node:fs';
import type { Reporter } from 'vitest/node';

/** Writes the errors that no test heard to a file, for CI's summary: vitest's JSON report leaves them out. */
export const outsideReporter = (file: string): Reporter => ({
  onTestRunEnd: (_modules, errors) => {
    if (errors.length > 0) writeFileSync(file, JSON.stringify(errors.map(({ message, stack }) => ({ message, stack }))));
  },
});
