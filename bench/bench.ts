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
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';

import type { BenchOptions, Result } from './figures.ts';
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
import { storage } from './rows/storage.ts';
import { storageCheck } from './rows/storage-check.ts';
import { tus } from './rows/tus.ts';
import { upload } from './rows/upload.ts';
import { uploads } from './rows/uploads.ts';
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
  storage,
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

for (const [name, run] of values.page ? [] : Object.entries(rows)) {
  if (positionals.length > 0 && !positionals.includes(name)) continue;
  // As root, the database runs under another account, which has to be able to enter this directory.
  const directory = await mkdtemp(path.join(os.tmpdir(), 'safelight-bench-'));
  await chmod(directory, 0o755);
  try {
    const result = await run({ rounds: values.smoke ? 1 : Number(values.rounds), smoke: values.smoke, directory });
    console.log(`\n${tableOf(values.smoke ? withoutGoals(result) : result)}`);
    if (values.smoke) continue;
    const results = path.join(import.meta.dirname, 'results');
    await mkdir(results, { recursive: true });
    const machine = { node: process.version, cpus: os.cpus().length, model: os.cpus()[0]?.model.trim(), loadBefore: os.loadavg()[0] };
    await writeFile(
      path.join(results, `${name}.json`),
      `${JSON.stringify({ at: new Date().toISOString(), ...machine, rounds: Number(values.rounds), ...result }, null, 2)}\n`,
    );
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
if (!values.smoke) await writePage(Object.keys(rows));
