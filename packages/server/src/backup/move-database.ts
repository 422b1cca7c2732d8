import type pg from 'pg';

import { SafelightError } from '../lib/errors.ts';
import { requireEmpty, requireNobodyRunning } from './require-empty.ts';
import { digestRows, readRows, type Digest } from './read-rows.ts';
import { readTables, type Table } from './tables.ts';
import { writeTables } from './write-tables.ts';

export type MovedDatabase = { tables: { name: string; rows: number }[]; rows: number };

/**
 * Copies every row from one database to another, both migrated to the same files, and compares counts and digests of every table before it commits:
 * one transaction at the target, one snapshot of the source. The source is unchanged.
 *
 * Throws `conflict` when a server runs on either, or when the target is not empty; nothing has been changed then.
 */
export async function moveDatabase(from: pg.Pool, to: pg.Pool, onTable?: (name: string) => void): Promise<MovedDatabase> {
  const [source, target] = [await from.connect(), await to.connect()];
  let broken: Error | undefined;
  try {
    await source.query('begin isolation level repeatable read read only');
    await target.query('begin');
    for (const client of [source, target]) await client.query(`set local time zone 'UTC'`);
    await requireNobodyRunning(source, 'present');
    await requireNobodyRunning(target, 'other');
    await requireEmpty(target);
    const tables = await readTables(source);
    requireSameColumns(tables, await readTables(target));
    await writeTables(target, tables, { linesOf: (table) => readRows(source, table), ...(onTable === undefined ? {} : { onTable }) });
    const copied: { name: string; rows: number }[] = [];
    for (const table of tables) {
      const digest = await digestRows(source, table);
      requireSame(table.name, digest, await digestRows(target, table));
      copied.push({ name: table.name, rows: digest.rows });
    }
    await target.query('commit');
    return { tables: copied, rows: copied.reduce((sum, { rows }) => sum + rows, 0) };
  } catch (error) {
    await target.query('rollback').catch((cause: Error) => (broken = cause));
    throw error;
  } finally {
    await source.query('rollback').catch((cause: Error) => (broken ??= cause));
    source.release(broken);
    target.release(broken);
  }
}

export function requireSame(name: string, wanted: Digest, found: Digest): void {
  if (wanted.rows !== found.rows || wanted.digest !== found.digest)
    throw new Error(
      `${name} came out different: ${wanted.rows} rows (${wanted.digest}) were read and ${found.rows} (${found.digest}) lie there. Nothing was changed.`,
    );
}

function requireSameColumns(source: readonly Table[], target: readonly Table[]): void {
  const shape = (tables: readonly Table[]): string => tables.map(({ name, columns }) => `${name}(${columns.toSorted().join(',')})`).join(' ');
  if (shape(source) !== shape(target))
    throw new SafelightError('conflict', 'The two databases have other tables or columns. Bring both to this version with "safelight migrate" first.');
}
