import { existsSync } from 'node:fs';
import { defineConfig } from 'vitest/config';
import { skippedReporter } from './packages/server/test/support/skipped-reporter.ts';

/** Workspace packages resolve to their TypeScript sources, in vitest's own resolver and in everything a test forks. */
const sourceCondition = 'safelight-source';

const slow = ['**/*.storage.test.ts', '**/*.browser.test.ts'];
const globalSetup = 'packages/server/test/support/global-setup.ts';

/** Where CI wants the results as JSON; see `.ci/run`. */
const reportFile = process.env['SAFELIGHT_TEST_REPORT'];
const jsonReport: ['json', { outputFile: string }][] = reportFile ? [['json', { outputFile: reportFile }]] : [];

export default defineConfig({
  resolve: { conditions: [sourceCondition, 'module', 'node', 'development|production'] },
  ssr: { resolve: { conditions: [sourceCondition, 'module', 'node', 'development|production'], externalConditions: [sourceCondition, 'node'] } },
  test: {
    // Of the root, not of a project: it starts one Postgres for the whole run, however many projects take part.
    globalSetup: existsSync(globalSetup) ? [globalSetup] : [],
    pool: 'forks',
    execArgv: [`--conditions=${sourceCondition}`],
    // `await expect.poll(…)` and hooks wait for outcomes; these are the ceilings for "it will never come", not pauses.
    testTimeout: 30_000,
    hookTimeout: 60_000,
    passWithNoTests: true,
    reporters: ['default', skippedReporter, ...jsonReport],
    projects: [
      {
        test: {
          name: 'unit',
          include: ['packages/*/src/**/*.test.{ts,tsx}', 'packages/server/test/*.test.ts', 'apps/*/src/**/*.test.{ts,tsx}', 'scripts/*.test.ts'],
          exclude: slow,
        },
      },
      { test: { name: 'acceptance', include: ['packages/server/test/acceptance/**/*.test.ts'], exclude: slow, testTimeout: 60_000 } },
      { test: { name: 'browser', include: ['{packages,apps}/*/{src,test}/**/*.browser.test.{ts,tsx}'], testTimeout: 60_000, hookTimeout: 120_000 } },
      { test: { name: 'storage', include: ['packages/*/{src,test}/**/*.storage.test.ts'], testTimeout: 120_000, hookTimeout: 120_000 } },
      // One at a time: these kill processes and fill queues, and would read each other's load as their own fault.
      { test: { name: 'chaos', include: ['packages/server/test/chaos/**/*.test.ts'], fileParallelism: false, testTimeout: 600_000, hookTimeout: 120_000 } },
    ],
  },
});
