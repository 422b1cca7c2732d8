import type pg from 'pg';
import { z } from 'zod';

import type { Context } from '../lib/context.ts';
import { SafelightError } from '../lib/errors.ts';
import { formerNames } from '../lib/former-migrations.ts';
import { migrationStatus } from '../lib/migrate.ts';
import { openStore } from '../storage/open-store.ts';
import { storeName } from '../storage/locator.ts';
import { runLimited } from '../storage/run-limited.ts';
import type { Store } from '../storage/store.ts';
import type { Stores, StoreSite } from '../storage/stores.ts';
import type { Asking } from './asking.ts';
import { type Manifest, objectName, objectsOf, readLines, readManifest, tableFile } from './manifest.ts';
import { requireSame } from './move-database.ts';
import { digestRows } from './read-rows.ts';
import { requireEmpty, requireNobodyRunning } from './require-empty.ts';
import { readTables } from './tables.ts';
import { writeTables } from './write-tables.ts';

export type RestoreContext = Pick<Context, 'signal'> & { site: Pick<StoreSite, 'stores'> & { pool: pg.Pool } };
export type RestoreOptions = { from: string; concurrency?: number; onObject?: (done: number, all: number) => void };
export type Restored = Pick<Manifest, 'takenAt' | 'objects' | 'bytes'> & { rows: number };

const objectSchema = z.object({
  id: z.string(),
  state: z.string(),
  provider: z.string(),
  location: z.string(),
  key: z.string(),
  sha256: z.string().nullable(),
  mime_type: z.string().nullable(),
});
type Named = Omit<z.output<typeof objectSchema>, 'state'>;

/**
 * Restores a backup into an empty installation: first objects, each with its digest, then all rows in one transaction, compared with the backup. So
 * nothing counts before everything is there, and an interrupted restore starts anew. An object goes to the store that its record names, or to the
 * active one if that is not configured. Uploads that were in progress have ended.
 */
export async function restore(ctx: RestoreContext, { from, concurrency = 8, onObject }: RestoreOptions): Promise<Restored> {
  const manifest = await readManifest(from);
  await requireKnown(ctx.site.pool, manifest);
  await requireEmpty(ctx.site.pool);
  const objects = await readObjects(manifest, from);
  const kept = await openStore(objectsOf(from));
  try {
    let done = 0;
    await runLimited(objects, concurrency, async (object) => {
      ctx.signal.throwIfAborted();
      await putBack(ctx, object, kept);
      onObject?.((done += 1), objects.length);
    });
  } finally {
    await kept.close();
  }
  await writeRecords(ctx, manifest, from);
  const rows = manifest.tables.reduce((sum, table) => sum + table.rows, 0);
  return { takenAt: manifest.takenAt, objects: objects.length, bytes: manifest.bytes, rows };
}

async function readObjects(manifest: Manifest, from: string): Promise<Named[]> {
  const objects: Named[] = [];
  for await (const lines of readLines(tableFile(from, 'object', manifest.takenAt)))
    for (const line of lines) {
      const { state, ...row } = objectSchema.parse(JSON.parse(line));
      if (state === 'stored') objects.push(row);
    }
  return objects;
}

async function requireKnown(pool: pg.Pool, manifest: Manifest): Promise<void> {
  const { applied } = await migrationStatus(pool);
  const unknown = manifest.migrations.filter((name) => !applied.includes(name) && !formerNames.includes(name));
  if (unknown.length > 0)
    throw new SafelightError(
      'conflict',
      `The backup is of a later Safelight (${manifest.safelight}): it has ${unknown.join(', ')}. Restore it with that one; nothing was changed.`,
    );
}

async function writeRecords({ site: { pool, stores } }: RestoreContext, manifest: Manifest, from: string): Promise<void> {
  const client = await pool.connect();
  let broken: Error | undefined;
  try {
    await client.query('begin');
    await client.query(`set local time zone 'UTC'`);
    await requireNobodyRunning(client, 'target');
    await requireEmpty(client);
    const present = new Map((await readTables(client)).map((table) => [table.name, table]));
    // Columns that a later release has added get their default in older rows.
    const tables = manifest.tables.map(({ name, columns }) => ({ name, columns: columns.filter((column) => present.get(name)?.columns.includes(column)) }));
    await writeTables(client, tables, { linesOf: ({ name }) => readLines(tableFile(from, name, manifest.takenAt)) });
    for (const table of manifest.tables) requireSame(table.name, table, await digestRows(client, table));
    await settle(client, stores);
    await client.query('commit');
  } catch (error) {
    await client.query('rollback').catch((cause: Error) => (broken = cause));
    throw error;
  } finally {
    client.release(broken);
  }
}

/**
 * Removes what the backup does not hold (bytes that were arriving or being removed), and gives objects of stores that are not configured here to the
 * active one.
 */
async function settle(client: Asking, stores: Stores): Promise<void> {
  await client.query(`delete from object where state <> 'stored'`);
  await client.query(`update upload_session set state = 'expired', updated_at = now() where state = 'open'`);
  const { provider, location } = stores.active('final');
  const known = stores.all().map(storeName);
  await client.query(
    `
    update object set provider = $1, location = $2
    where provider || ':' || location <> all($3)`,
    [provider, location, known],
  );
}

async function putBack(ctx: RestoreContext, object: Named, kept: Store): Promise<void> {
  const named = ctx.site.stores.all().find((one) => one.provider === object.provider && one.location === object.location);
  const store = named ?? ctx.site.stores.active('final');
  const source = await kept.get(objectName(object.id), { signal: ctx.signal });
  if (source === null)
    throw new SafelightError('gone', `The backup lacks the object ${object.id}, which its records name. Nothing counts; use another backup.`, {
      retryable: false,
    });
  const lying = await store.head(object.key, { signal: ctx.signal });
  if (lying !== null && lying.bytes !== source.bytes) {
    source.body.destroy();
    throw new SafelightError('conflict', `${storeName(store)} has another object at ${object.key}. Restore into a store that holds nothing of Safelight's.`);
  }
  try {
    await store.put(object.key, source.body, {
      contentType: object.mime_type ?? 'application/octet-stream',
      bytes: source.bytes,
      signal: ctx.signal,
      ...(object.sha256 === null ? {} : { sha256: object.sha256 }),
    });
  } finally {
    source.body.destroy();
  }
}
