/** What `.ci/run` records about each suite. */
export type SuiteResult = { name: string; code: number; seconds: number };

/** The part of vitest's JSON report that is counted. */
export type VitestReport = {
  testResults: {
    name: string;
    status: string;
    message: string;
    assertionResults: { status: string; fullName: string; meta?: { failedBefore?: number; failedWith?: string } }[];
  }[];
};

/** Errors that no test heard, such as a promise that rejects after its test: they fail a run whose tests have all passed. */
export type OutsideErrors = ReadonlyArray<{ message: string; stack?: string }>;

export type Counts = { passed: number; failed: number; skipped: number };
export type Summary = Counts & {
  failures: string[];
  /** Tests that passed only when they were retried. */
  flakes: string[];
};

/**
 * Counts one suite. Anything that ends it without a failed test still fails it: a file that could not be loaded, a crash, an error outside of all
 * tests, and a run without tests. A suite that does not use vitest is one check.
 */
export const sumSuite = (result: SuiteResult, report: VitestReport | undefined, outside: OutsideErrors = []): Summary => {
  const one = { skipped: 0, flakes: [] };
  if (!report) return result.code === 0 ? { ...one, passed: 1, failed: 0, failures: [] } : { ...one, passed: 0, failed: 1, failures: [ended(result)] };

  const tests = report.testResults.flatMap((file) => file.assertionResults);
  const passed = tests.filter((test) => test.status === 'passed').length;
  const skipped = tests.filter((test) => test.status !== 'passed' && test.status !== 'failed').length;
  const failures = tests.filter((test) => test.status === 'failed').map((test) => test.fullName);
  const flakes = tests
    .filter(({ meta }) => meta?.failedBefore !== undefined)
    .map(({ fullName, meta }) => [fullName, meta?.failedWith].filter(Boolean).join('\n  '));
  for (const file of report.testResults) {
    if (file.status === 'failed' && !file.assertionResults.some((test) => test.status === 'failed')) failures.push(`${file.name}: ${file.message}`);
  }
  if (failures.length === 0 && result.code !== 0) failures.push([ended(result), ...outside.map(({ message, stack }) => stack ?? message)].join('\n  '));
  if (failures.length === 0 && passed === 0) failures.push('no test ran');
  return { passed, failed: failures.length, skipped, failures, flakes };
};

const ended = ({ code, seconds }: SuiteResult): string => (code === 124 || code === 137 ? `stopped after ${seconds} s` : `ended with exit code ${code}`);

/** The last line of a CI run. Skipped tests are in the table, and with their reasons at the end of their suite. */
export const totalLine = (suites: ReadonlyArray<Pick<Counts, 'passed' | 'failed'>>): string => {
  const sum = (of: 'passed' | 'failed'): number => suites.reduce((total, counts) => total + counts[of], 0);
  return `${sum('passed')} passed, ${sum('failed')} failed`;
};
