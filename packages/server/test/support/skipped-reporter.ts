import type { Reporter, TestCase, TestModule, TestSuite } from 'vitest/node';

/** At the end of a run, prints each skipped test with its reason, so that a skipped suite is never mistaken for a green one. */
export const skippedReporter: Reporter = {
  onTestRunEnd: (modules) => {
    const lines = listSkipped(modules);
    if (lines.length > 0) process.stdout.write(`\nNot checked in this run:\n${lines.map((line) => `  ${line}\n`).join('')}`);
  },
};

const listSkipped = (modules: ReadonlyArray<TestModule>): string[] => {
  const counts = new Map<string, number>();
  for (const module of modules) {
    for (const test of module.children.allTests('skipped')) {
      const line = `${module.relativeModuleId} › ${nameAndReason(test)}`;
      counts.set(line, (counts.get(line) ?? 0) + 1);
    }
  }
  return [...counts].map(([line, count]) => (count === 1 ? line : `${line} (${count} tests)`));
};

/** A suite that is skipped as a whole is named once, by its own name, which contains the reason. */
const nameAndReason = (test: TestCase): string => {
  const result = test.result();
  const note = result.state === 'skipped' ? result.note : undefined;
  let name = test.fullName;
  for (let parent: TestSuite | TestModule = test.parent; parent.type === 'suite'; parent = parent.parent) {
    if (parent.options.mode === 'skip') name = parent.fullName;
  }
  return note ? `${name}: ${note}` : name;
};
