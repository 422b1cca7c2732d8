import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import type { Reporter } from 'vitest/node';
import { flakeReporter } from './packages/server/test/support/flake-reporter.ts';
import { outsideReporter } from './packages/server/test/support/outside-reporter.ts';
import { skippedReporter } from './packages/server/test/support/skipped-reporter.ts';

/** Workspace packages resolve to their TypeScript sources, in the tests and in all of their child processes. */
const sourceCondition = 'safelight-source';
/** Like the product with the bundle that npm writes after an install; it saves each test file a tenth of a second. */
const bundled = existsSync(new URL('packages/server/bundled/kysely.js', import.meta.url)) ? ['--conditions=safelight-bundled'] : [];

const slow = ['**/*.storage.test.ts', '**/*.cloud.test.ts', '**/*.browser.test.ts', '**/*.motion.test.ts'];
/**
 * Slow tests: every file of the corpus, servers, workers and decoders that are killed or silent. They are a separate project, so that `npm test`
 * stays under three minutes on two quiet cores: name a new one `*.thorough.test.ts`.
 */
const thorough = [
  '**/*.thorough.test.ts',
  '**/acceptance/tus-crash.test.ts',
  '**/bin/run.test.ts',
  '**/collections/lifecycle.test.ts',
  '**/generation/check-prompt.test.ts',
  '**/generation/generators.test.ts',
  '**/generation/keep-secrets.test.ts',
  '**/generation/run-generation.test.ts',
  '**/generation/store-patiently.test.ts',
  '**/http/cut-stalled-readers.test.ts',
  '**/image/corpus.test.ts',
  '**/image/damaged-pictures.test.ts',
  '**/image/decoder-pool.test.ts',
  '**/image/mark-picture.test.ts',
  '**/jobs/claim-jobs.test.ts',
  '**/jobs/database-outage.test.ts',
  '**/jobs/dead-worker.test.ts',
  '**/jobs/strike-job.test.ts',
  '**/jobs/work.test.ts',
  '**/lib/embedded-postgres.test.ts',
  '**/processing/in-its-lane.test.ts',
  '**/processing/poison-file.test.ts',
  '**/processing/reprocess-collection.test.ts',
  '**/reconcile/find-discrepancies.test.ts',
  '**/reconcile/migrate-objects.test.ts',
  '**/review/announce-gate-change.test.ts',
  '**/review/review-asset.test.ts',
  '**/server/test/api-prefix.test.ts',
  '**/server/test/client-types.test.ts',
  '**/server/test/lost-bytes.test.ts',
  '**/server/test/metrics.test.ts',
  '**/server/test/secrets-in-log.test.ts',
  '**/server/test/stop-held-open.test.ts',
  '**/storage/filesystem/open-filesystem-store.test.ts',
  '**/webhooks/deliver.test.ts',
  '**/webhooks/fan-out.test.ts',
];

/** The processes of the tests share what they compile: 260 files would strip and compile the same sources again, a sixth of all CPU. */
process.env['NODE_COMPILE_CACHE'] ??= fileURLToPath(new URL('node_modules/.cache/compiled-tests', import.meta.url));

/** Where CI wants the results as JSON; see `.ci/run`. */
const reportFile = process.env['SAFELIGHT_TEST_REPORT'];
const jsonReport: (['json', { outputFile: string }] | Reporter)[] = reportFile
  ? [['json', { outputFile: reportFile }], outsideReporter(`${reportFile}.outside`)]
  : [];

/** Waits for outcomes end here, like tests: a shared machine may stall for longer than the second that vitest gives them. */
const patient = { poll: { timeout: 30_000 } };

export default defineConfig({
  test: {
    // In the root, not in a project: it starts one Postgres for the whole run, however many projects take part.
    globalSetup: ['packages/server/test/support/global-setup.ts'],
    pool: 'forks',
    // Most files wait for a database or a child process rather than for the processor, so a small machine runs two at a time as well.
    maxWorkers: Math.max(2, availableParallelism()),
    // Tests are imported by Node itself, which strips the types, exactly like the product: no second module system is involved, `import.meta.resolve`
    // and child processes work, and there is no `vi.mock` in place of a real part.
    experimental: { viteModuleRunner: false, nodeLoader: false },
    execArgv: [`--conditions=${sourceCondition}`, ...bundled],
    // `await expect.poll(…)` and hooks wait for outcomes; these are the limits after which it will never come, not pauses.
    testTimeout: 60_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 20_000 } },
    // A shared machine may stall longer than any useful limit; a test that fails twice is broken. CI's summary names the ones that were retried.
    retry: process.env['CI'] === undefined ? 0 : 2,
    passWithNoTests: true,
    // The flakes are recorded before the report is written.
    reporters: ['default', skippedReporter, flakeReporter(), ...jsonReport],
    projects: [
      {
        test: {
          name: 'unit',
          expect: patient,
          include: ['packages/*/src/**/*.test.ts', 'packages/server/test/*.test.ts', 'apps/*/src/**/*.test.ts', 'scripts/*.test.ts'],
          exclude: [...slow, ...thorough],
        },
      },
      {
        test: {
          name: 'acceptance',
          include: ['packages/server/test/acceptance/**/*.test.ts'],
          exclude: [...slow, ...thorough],
          // One running product for all of its files.
          globalSetup: ['packages/server/test/acceptance/support/start-target.ts'],
          testTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'thorough',
          include: thorough,
          globalSetup: ['packages/server/test/acceptance/support/start-target.ts'],
          testTimeout: 120_000,
        },
      },
      { test: { name: 'browser', include: ['{packages,apps}/*/{src,test}/**/*.browser.test.ts'], expect: patient, testTimeout: 60_000, hookTimeout: 120_000 } },
      { test: { name: 'storage', include: ['packages/*/{src,test}/**/*.storage.test.ts'], testTimeout: 120_000, hookTimeout: 120_000 } },
      // The commands and examples of the documents, against a product that is started for them.
      { test: { name: 'documents', include: ['scripts/documents/*.documents.test.ts'], expect: patient, testTimeout: 180_000, hookTimeout: 120_000 } },
      // Video and audio through the machine's ffmpeg: encoders need the processor for seconds.
      { test: { name: 'motion', include: ['packages/*/{src,test}/**/*.motion.test.ts'], testTimeout: 120_000, hookTimeout: 120_000 } },
      // The four applications, each walked by a browser.
      {
        test: {
          name: 'examples',
          include: ['examples/test/*.examples.test.ts'],
          expect: { poll: { timeout: 60_000 } },
          testTimeout: 240_000,
          hookTimeout: 240_000,
        },
      },
      // Buckets that cost money: only by hand, and only those that are named in the environment.
      { test: { name: 'cloud', include: ['packages/*/src/**/*.cloud.test.ts'], testTimeout: 120_000, hookTimeout: 120_000 } },
      // One at a time: these kill processes and fill queues, and would fail because of each other's load.
      { test: { name: 'chaos', include: ['packages/server/test/chaos/**/*.test.ts'], fileParallelism: false, testTimeout: 600_000, hookTimeout: 120_000 } },
    ],
  },
});
