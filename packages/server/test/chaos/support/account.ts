import { execFile } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import path from 'node:path';

import pg from 'pg';

import { startEmbeddedPostgres } from '../../../src/lib/embedded-postgres.ts';
import { openLog } from '../../../src/lib/log.ts';

export const safelightEntry = path.resolve(import.meta.dirname, '../../../src/bin/safelight.ts');
const repository = path.resolve(import.meta.dirname, '../../../../..');

/** Runs a command of the product beside its data; answers its exit code and what it said. */
export function safelight(args: readonly string[], options: { dataDir: string; env?: Record<string, string> }): Promise<{ code: number; output: string }> {
  return new Promise((resolve) => {
    const env = { PATH: process.env['PATH'], TMPDIR: process.env['TMPDIR'], SAFELIGHT_DATA_DIR: options.dataDir, ...options.env };
    execFile(process.execPath, ['--conditions=safelight-source', safelightEntry, ...args], { cwd: repository, env, maxBuffer: 2 ** 26 }, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : Number(error.code ?? 1), output: stdout + stderr }),
    );
  });
}

/** The database of a product that is not running, for as long as `work` takes. */
export async function withDatabase<Result>(options: { dataDir: string; databaseUrl?: string }, work: (client: pg.Client) => Promise<Result>): Promise<Result> {
  const postgres =
    options.databaseUrl === undefined
      ? await startEmbeddedPostgres({ dataDir: path.join(options.dataDir, 'postgres'), log: openLog({ level: 'silent' }) })
      : null;
  const client = new pg.Client({ connectionString: postgres?.connectionString ?? options.databaseUrl });
  try {
    await client.connect();
    return await work(client);
  } finally {
    await client.end();
    await postgres?.stop();
  }
}

/** Lets every lease and every open upload run out, as if a day had passed. */
export async function passADay(client: pg.Client): Promise<void> {
  await client.query(`update object set lease_until = now() - interval '1 second' where state = 'writing'`);
  await client.query(`update object set retry_at = now() - interval '1 second' where state = 'deleting' and retry_at is not null`);
  await client.query(`update upload_session set expires_at = now() - interval '1 second' where state = 'open'`);
}

/** Rows without bytes and bytes without a row, compared without any help of the product. */
export async function compareByHand(client: pg.Client, dataDir: string): Promise<{ rows: number; missing: string[]; unknown: string[]; unfinished: string[] }> {
  const { rows } = await client.query<{ key: string; state: string }>('select key, state from object');
  const known = new Set(rows.map(({ key }) => key));
  const root = path.join(dataDir, 'objects');
  const files = (await readdir(root, { recursive: true, withFileTypes: true }))
    .filter((file) => file.isFile())
    .map((file) => path.relative(root, path.join(file.parentPath, file.name)))
    .filter((file) => !file.startsWith('.'));
  const there = new Set(files);
  return {
    rows: rows.length,
    missing: rows.filter(({ key, state }) => state === 'stored' && !there.has(key)).map(({ key }) => key),
    unknown: files.filter((file) => !known.has(file)),
    unfinished: rows.filter(({ state }) => state !== 'stored').map(({ key, state }) => `${state} ${key}`),
  };
}

/** What writers that were killed left half written, out of everybody's sight; it is swept when it is a day old. */
export async function halfWritten(dataDir: string): Promise<number> {
  const root = path.join(dataDir, 'objects');
  const files = await readdir(root, { recursive: true, withFileTypes: true });
  return files.filter((file) => file.isFile() && path.relative(root, file.parentPath).startsWith('.')).length;
}
