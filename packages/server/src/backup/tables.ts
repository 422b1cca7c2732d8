import { migratedTables } from '../lib/migrate.ts';
import type { Asking } from './asking.ts';

export type Table = {
  name: string;
  /** Columns that can be written: generated ones are left out. */
  columns: string[];
};

/** Locks and holds are valid only for this moment and this database. */
const ofTheMoment = new Set(['backup_hold', 'stripe']);

/** The tables to copy, in the order in which they were created. The register of migrations is left out: the target has its own. */
export async function readTables(client: Asking): Promise<Table[]> {
  const names = (await migratedTables()).filter((name) => !ofTheMoment.has(name));
  const { rows } = await client.query<{ name: string; columns: string[] }>(
    `select table_name as name, array_agg(column_name::text order by ordinal_position) as columns
      from information_schema.columns
     where table_schema = current_schema() and table_name = any($1) and is_generated = 'NEVER' group by table_name`,
    [names],
  );
  const found = new Map(rows.map(({ name, columns }) => [name, columns]));
  return names.flatMap((name) => {
    const columns = found.get(name);
    return columns === undefined ? [] : [{ name, columns }];
  });
}

export const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;
