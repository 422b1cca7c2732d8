import { readdir, rm } from 'node:fs/promises';
import path from 'node:path';

import type pg from 'pg';

import type { StoreSite } from '../storage/stores.ts';
import type { Context } from '../lib/context.ts';
import { SafelightError } from '../lib/errors.ts';
import { migrationStatus } from '../lib/migrate.ts';
import { useFolder } from '../lib/use-folder.ts';
import { version } from '../lib/version.ts';
import { locatorOf } from '../storage/ledger.ts';
import { openStore } from '../storage/open-store.ts';
import { runLimited } from '../storage/run-limited.ts';
import type { Store } from '../storage/store.ts';
import { holdObjects } from './hold-objects.ts';
import { findManifest, isTableOf, type Manifest, objectName, objectsOf, tableFile, writeLines, writeManifest } from './manifest.ts';
import { digestRows, readRows } from './read-rows.ts';
import { readTables } from './tables.ts';

export type BackupContext = Pick<Context, 'log' | 'signal'> & { site: Pick<StoreSite, 'db' | 'stores'> & { pool: pg.Pool } };
export type BackupOptions = { to: string; concurrency?: number; onObject?: (done: number, all: number) => void };
export type Backup = Pick<Manifest, 'takenAt' | 'objects' | 'bytes'> & { rows: number; copied: number };

type Held = { id: string; provider: string; location: string; key: string; bytes: number | null; sha256: string | null };

/**
 * Writes records and objects as of one moment into a directory, while the product runs: the rows are of one snapshot, and no bytes are removed until
 * the objects that they name have been copied. Another backup into the same directory copies only new objects. A backup counts once its manifest,
 * which is written last, exists; until then the previous one does. One that fails leaves no tables: those of every night would fill the disk. Of two at
 * once the one that ends later fails with `conflict`: the other has removed its tables with the older ones.
 */
export async function backup(ctx: BackupContext, { to, concurrency = 8, onObject }: BackupOptions): Promise<Backup> {
  const why = useFolder(to, { secret: true });
  if (why !== null) throw new SafelightError('invalid_request', `No backup can be written to ${to}: ${why}.`);
  const hold = await holdObjects(ctx.site.db, ctx.log);
  const own: { takenAt: string | null } = { takenAt: null };
  try {
    const { manifest, objects } = await writeRecords(ctx, to, (takenAt) => (own.takenAt = takenAt));
    const kept = await openStore(objectsOf(to));
    let [done, copied] = [0, 0];
    try {
      await runLimited(objects, concurrency, async (object) => {
        ctx.signal.throwIfAborted();
        if (await copyObject(ctx, object, kept)) copied += 1;
        onObject?.((done += 1), objects.length);
      });
    } finally {
      await kept.close();
    }
    await requireTables(to, manifest);
    await writeManifest(to, manifest);
    const rows = manifest.tables.reduce((sum, table) => sum + table.rows, 0);
    return { takenAt: manifest.takenAt, objects: manifest.objects, bytes: manifest.bytes, rows, copied };
  } finally {
    await removeTables(to, own.takenAt).catch((error: unknown) => ctx.log.warn({ err: error }, 'the tables of earlier or failed backups could not be removed'));
    await hold.release().catch((error: unknown) => ctx.log.warn({ err: error }, 'the hold of a backup could not be ended; it ends by itself in two minutes'));
  }
}

/** All tables, and the objects that they name, in one read-only transaction. It ends before the first object is copied. */
async function writeRecords(ctx: BackupContext, to: string, onMoment: (takenAt: string) => void): Promise<{ manifest: Manifest; objects: Held[] }> {
  const { applied } = await migrationStatus(ctx.site.pool);
  const client = await ctx.site.pool.connect();
  let broken: Error | undefined;
  try {
    await client.query(`begin isolation level repeatable read read only`);
    await client.query(`set local time zone 'UTC'`);
    const { rows: moment } = await client.query<{ now: Date }>('select now() as now');
    const takenAt = (moment[0]?.now ?? new Date()).toISOString();
    onMoment(takenAt);
    const tables: Manifest['tables'] = [];
    for (const table of await readTables(client)) {
      ctx.signal.throwIfAborted();
      await writeLines(tableFile(to, table.name, takenAt), readRows(client, table));
      tables.push({ ...table, ...(await digestRows(client, table)) });
    }
    const { rows: objects } = await client.query<Held>(`
      select id, provider, location, key, bytes, sha256 from object where state = 'stored' order by id`);
    const bytes = objects.reduce((sum, object) => sum + (object.bytes ?? 0), 0);
    return { manifest: { format: 1, safelight: version, takenAt, migrations: applied, tables, objects: objects.length, bytes }, objects };
  } finally {
    await client.query('rollback').catch((error: Error) => (broken = error));
    client.release(broken);
  }
}

/** False when an earlier backup has it: an object never changes. */
async function copyObject(ctx: BackupContext, object: Held, to: Store): Promise<boolean> {
  const name = objectName(object.id);
  const before = await to.head(name, { signal: ctx.signal });
  if (before !== null && (object.bytes === null || before.bytes === object.bytes)) return false;
  const source = await ctx.site.stores.of(locatorOf(object)).get(object.key, { signal: ctx.signal });
  if (source === null)
    throw new SafelightError(
      'storage_unavailable',
      `The object ${object.key} is not in its store, though the records name it. "safelight storage check" says what is wrong.`,
    );
  try {
    await to.put(name, source.body, {
      contentType: source.contentType ?? 'application/octet-stream',
      bytes: object.bytes ?? source.bytes,
      signal: ctx.signal,
      ...(object.sha256 === null ? {} : { sha256: object.sha256 }),
    });
  } finally {
    source.body.destroy();
  }
  return true;
}

/** Another backup into the directory may have ended since these were written. */
async function requireTables(directory: string, { tables, takenAt }: Manifest): Promise<void> {
  const present = new Set(await readdir(directory));
  if (tables.every(({ name }) => present.has(path.basename(tableFile(directory, name, takenAt))))) return;
  throw new SafelightError(
    'conflict',
    `Another backup into ${directory} ended while this one ran, and removed its tables. The other one counts. Make one at a time, or give each a directory of its own.`,
  );
}

/**
 * After a backup that counts now, removes the tables of all others; after one that failed, its own, because another may be under way. Objects that no
 * backup names any more stay.
 */
async function removeTables(directory: string, own: string | null): Promise<void> {
  if (own === null) return;
  const isCounted = (await findManifest(directory))?.takenAt === own;
  for (const name of await readdir(directory)) if (name.endsWith('.jsonl.gz') && isTableOf(own, name) !== isCounted) await rm(path.join(directory, name));
}
