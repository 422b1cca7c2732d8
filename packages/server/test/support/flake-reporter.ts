import type { Reporter, TestCase } from 'vitest/node';

declare module 'vitest' {
  interface TaskMeta {
    /** How often the test had failed before it passed. */
    failedBefore?: number;
    /** What the first of these failures said. */
    failedWith?: string;
  }
}

/** At the end of a run, names the tests that passed only when they were retried, and adds them to the report that CI summarises. */
export function flakeReporter(): Reporter {
  const flakes: TestCase[] = [];
  return {
    onTestCaseResult: (test) => {
      const { flaky = false, retryCount = 0 } = test.diagnostic() ?? {};
      if (!flaky) return;
      const [first] = test.result().errors ?? [];
      Object.assign(test.meta(), { failedBefore: retryCount, ...(first && { failedWith: first.message }) });
      flakes.push(test);
    },
    onTestRunEnd: () => {
      const lines = flakes.splice(0).map((test) => `  ${test.module.relativeModuleId} › ${test.fullName} (failed ${test.meta().failedBefore} times before)\n`);
      if (lines.length > 0) process.stdout.write(`\nPassed only when tried again:\n${lines.join('')}`);
    },
  };
}
