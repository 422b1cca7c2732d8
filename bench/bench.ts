/**
 * What Safelight costs compared with the minimum for the same work, measured in the same run.
 *
 *   npm run bench                      every row
 *   npm run bench -- upload download   some of them
 *   npm run bench -- --rounds 15       more rounds, steadier medians
 *   npm run bench -- --smoke           short and without goals: shows that the benchmark itself works
 *   npm run bench -- --page            measures nothing: writes bench/figures.md, the figures of docs/performance.md and the plot from the last results, as every run does at its end
 *
 *   npm run bench -- images            the pipeline for photos alone, against the bare codecs, naive sharp and ipx
 */
import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';

import { endStarted } from './end-started.ts';
import type { BenchOptions, Result } from './figures.ts';
import { adapters } from './rows/adapters.ts';
import { collections } from './rows/collections.ts';
import { download } from './rows/download.ts';
import { events } from './rows/events.ts';
import { fairness } from './rows/fairness.ts';
import { generation } from './rows/generation.ts';
import { jobStart } from './rows/job-start.ts';
import { lists } from './rows/lists.ts';
import { memory } from './rows/memory.ts';
import { motion } from './rows/motion.ts';
import { photo } from './rows/photo.ts';
import { pooler } from './rows/pooler.ts';
import { shop } from './rows/shop.ts';
import { startUp } from './rows/start-up.ts';
import { statements } from './rows/statements.ts';
import { storageCheck } from './rows/storage-check.ts';
import { tus } from './rows/tus.ts';
import { upload } from './rows/upload.ts';
import { uploads } from './rows/uploads.ts';
import { walks } from './rows/walks.ts';
import { webhooks } from './rows/webhooks.ts';
import { tableOf } from './table.ts';
import { writePage } from './page.ts';

const rows: Record<string, (options: BenchOptions) => Promise<Result>> = {
  'start-up': startUp,
  memory,
  statements,
  'job-start': jobStart,
  upload,
  tus,
  uploads,
  download,
  photo,
  motion,
  collections,
  lists,
  events,
  fairness,
  generation,
  adapters,
  walks,
  'storage-check': storageCheck,
  shop,
  webhooks,
  pooler,
};

const { values, positionals } = parseArgs({
  options: { rounds: { type: 'string', default: '7' }, smoke: { type: 'boolean', default: false }, page: { type: 'boolean', default: false } },
  allowPositionals: true,
});
const unknown = positionals.filter((name) => !(name in rows) && name !== 'images');
if (unknown.length > 0) throw new Error(`There is no row ${unknown.join(', ')}; there are ${[...Object.keys(rows), 'images'].join(', ')}.`);
// Takes as long as all others together, in child processes, so only on request.
if (positionals.includes('images')) {
  const arguments_ = ['--conditions=safelight-source', path.join(import.meta.dirname, 'images.ts'), '--rounds', values.rounds];
  process.exitCode = spawnSync(process.execPath, arguments_, { stdio: 'inherit' }).status ?? 1;
}

/** One short round says nothing about a goal. */
const withoutGoals = (result: Result): Result => ({ ...result, figures: result.figures.map(({ goal: _, ...figure }) => figure) });

const temporary = os.tmpdir();
/** With which status the benchmark ends before its last row; null while it goes on. */
let status: number | null = null;
const told = Promise.withResolvers<never>();
told.promise.catch(() => undefined);
for (const [signal, itsStatus] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const) {
  // What the rows import from the tests would end this process at once.
  process.removeAllListeners(signal);
  process.on(signal, () => {
    // What the row still waits for fails now, and nobody listens.
    process.on('uncaughtException', () => undefined);
    status = itsStatus;
    told.reject(`Ended by ${signal}.`);
  });
}

for (const [name, run] of values.page ? [] : Object.entries(rows)) {
  if (positionals.length > 0 && !positionals.includes(name)) continue;
  const directory = await mkdtemp(path.join(temporary, 'safelight-bench-'));
  // As root, the database runs under another account, which keeps its socket here.
  await chmod(directory, 0o1777);
  // What a row and its servers keep for themselves is removed with it.
  process.env['TMPDIR'] = directory;
  try {
    const running = run({ rounds: values.smoke ? 1 : Number(values.rounds), smoke: values.smoke, directory });
    const result = await Promise.race([running, told.promise]);
    console.log(`\n${tableOf(values.smoke ? withoutGoals(result) : result)}`);
    if (values.smoke) continue;
    const results = path.join(import.meta.dirname, 'results');
    await mkdir(results, { recursive: true });
    const machine = { node: process.version, cpus: os.cpus().length, model: os.cpus()[0]?.model.trim(), loadBefore: os.loadavg()[0] };
    await writeFile(
      path.join(results, `${name}.json`),
      `${JSON.stringify({ at: new Date().toISOString(), ...machine, rounds: Number(values.rounds), ...result }, null, 2)}\n`,
    );
  } catch (error) {
    console.error(error);
    status ??= 1;
  } finally {
    // What writes the pages keeps its own things there.
    process.env['TMPDIR'] = temporary;
    await endStarted();
    await rm(directory, { recursive: true, force: true, maxRetries: 3 });
  }
  if (status !== null) {
    // The row may still be at work, and have written again meanwhile.
    rmSync(directory, { recursive: true, force: true });
    process.exit(status);
  }
}
if (!values.smoke) await writePage(Object.keys(rows));
