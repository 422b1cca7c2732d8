import { execFile } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import path from 'node:path';

import pg from 'pg';

import { startEmbeddedPostgres } from '../../../src/lib/embedded-postgres.ts';
import { createLog } from '../../../src/lib/log.ts';
import type { ListPage, Store } from '../../../src/storage/store.ts';

export const safelightEntry = path.resolve(import.meta.dirname, '../../../src/bin/safelight.ts');
const repository = path.resolve(import.meta.dirname, '../../../../..');

/** Runs a command of the product on its data; returns its exit code and output. */
export function safelight(args: readonly string[], options: { dataDir: string; env?: Record<string, string> }): Promise<{ code: number; output: string }> {
  return new Promise((resolve) => {
    const env = { PATH: process.env['PATH'], TMPDIR: process.env['TMPDIR'], SAFELIGHT_DATA_DIR: options.dataDir, ...options.env };
    execFile(
      process.execPath,
      ['--conditions=safelight-source', safelightEntry, ...args],
      { cwd: repository, env, maxBuffer: 2 ** 26 },
      (error, stdout, stderr) => resolve({ code: error === null ? 0 : Number(error.code ?? 1), output: stdout + stderr }),
    );
  });
}

/** Opens the database of a product that is not running, for the duration of `work`. */
export async function withDatabase<Result>(options: { dataDir: string; databaseUrl?: string }, work: (client: pg.Client) => Promise<Result>): Promise<Result> {
  const postgres =
    options.databaseUrl === undefined
      ? await startEmbeddedPostgres({ dataDir: path.join(options.dataDir, 'postgres'), log: createLog({ level: 'silent' }) })
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

/** Lets every lease and every open upload expire, as if a day had passed. */
export async function passADay(client: pg.Client): Promise<void> {
  await client.query(`update object set lease_until = now() - interval '1 second' where state = 'writing'`);
  await client.query(`update object set writable_until = now() - interval '1 second' where writable_until is not null`);
  await client.query(`update object set retry_at = now() - interval '1 second' where state = 'deleting' and retry_at is not null`);
  await client.query(`update upload_session set expires_at = now() - interval '1 second' where state = 'open'`);
}

/** Finds rows without bytes and bytes without a row, without using the product. `objects` are the stored objects, each as location/key. */
export async function compareByHand(
  client: pg.Client,
  objects: readonly string[],
): Promise<{ rows: number; missing: string[]; unknown: string[]; unfinished: string[] }> {
  const { rows } = await client.query<{ name: string; state: string }>(`select location || '/' || key as name, state from object`);
  const [known, there] = [new Set(rows.map(({ name }) => name)), new Set(objects)];
  return {
    rows: rows.length,
    missing: rows.filter(({ name, state }) => state === 'stored' && !there.has(name)).map(({ name }) => name),
    unknown: objects.filter((name) => !known.has(name)),
    unfinished: rows.filter(({ state }) => state !== 'stored').map(({ name, state }) => `${state} ${name}`),
  };
}

/** The files in the store of the data directory, as location/key. */
export async function filesIn(dataDir: string): Promise<string[]> {
  const root = path.join(dataDir, 'objects');
  return (await readdir(root, { recursive: true, withFileTypes: true }))
    .filter((file) => file.isFile())
    .map((file) => path.relative(root, path.join(file.parentPath, file.name)))
    .filter((file) => !file.startsWith('.'))
    .map((file) => `objects/${file}`);
}

/** The objects of a bucket, as location/key. */
export async function objectsIn(store: Store): Promise<string[]> {
  const names: string[] = [];
  let cursor: string | null = null;
  do {
    const page: ListPage = await store.list(cursor === null ? {} : { cursor });
    names.push(...page.objects.map(({ key }) => `${store.location}/${key}`));
    cursor = page.cursor;
  } while (cursor !== null);
  return names;
}

/** Temporary files of writers that were killed; nobody sees them, and they are swept after a day. */
export async function halfWritten(dataDir: string): Promise<number> {
  const root = path.join(dataDir, 'objects');
  const files = await readdir(root, { recursive: true, withFileTypes: true });
  return files.filter((file) => file.isFile() && path.relative(root, file.parentPath).startsWith('.')).length;
}
