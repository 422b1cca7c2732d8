import type { Asking } from './asking.ts';
import { quoted, type Table } from './tables.ts';

export type WriteOptions = {
  /** The lines of a table, as `readRows` yields them. */
  linesOf(table: Table): AsyncIterable<string[]>;
  onTable?(name: string): void;
};

/**
 * Replaces all rows of the tables, inside the caller's transaction. Foreign keys are dropped meanwhile and then added again, which checks them: so
 * rows that refer to each other need no order.
 */
export async function writeTables(client: Asking, tables: readonly Table[], { linesOf, onTable }: WriteOptions): Promise<void> {
  const names = tables.map(({ name }) => name);
  const { rows: references } = await client.query<{ owner: string; name: string; definition: string }>(
    `select conrelid::regclass::text as owner, conname as name, pg_get_constraintdef(oid) as definition
      from pg_constraint
     where contype = 'f' and connamespace = current_schema()::regnamespace and conrelid = any($1::text[]::regclass[])`,
    [names.map(quoted)],
  );
  for (const { owner, name } of references) await client.query(`alter table ${owner} drop constraint ${quoted(name)}`);
  await client.query(`truncate ${names.map(quoted).join(', ')}`);
  for (const table of tables) {
    onTable?.(table.name);
    const list = table.columns.map(quoted).join(', ');
    for await (const lines of linesOf(table))
      await client.query(
        `insert into ${quoted(table.name)} (${list})
         select ${list} from jsonb_populate_recordset(null::${quoted(table.name)}, $1::jsonb)`,
        [`[${lines.join(',')}]`],
      );
  }
  for (const { owner, name, definition } of references)
    await client.query(
      `alter table ${owner}
       add constraint ${quoted(name)} ${definition}`,
    );
}
