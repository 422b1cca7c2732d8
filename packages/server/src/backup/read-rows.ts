import type { Asking } from './asking.ts';
import { quoted, type Table } from './tables.ts';

const batch = 500;

/** All rows of a table as lines of JSON, in batches, as one transaction sees them. The transaction must be open, and its time zone UTC. */
export async function* readRows(client: Asking, { name, columns }: Table): AsyncGenerator<string[]> {
  const list = columns.map(quoted).join(', ');
  await client.query(`declare carried no scroll cursor for select to_jsonb(one)::text as line from (select ${list} from ${quoted(name)}) as one`);
  try {
    for (;;) {
      const { rows } = await client.query<{ line: string }>(`fetch ${batch} from carried`);
      if (rows.length === 0) return;
      yield rows.map(({ line }) => line);
    }
  } finally {
    // A failed transaction has no cursor any more.
    await client.query('close carried').catch(() => undefined);
  }
}

export type Digest = { rows: number; digest: string };

/** The number of rows and a checksum over all of them that does not depend on their order: equal in two databases when their rows are. */
export async function digestRows(client: Asking, { name, columns }: Table): Promise<Digest> {
  const list = columns.map(quoted).join(', ');
  const { rows } = await client.query<{ rows: string; digest: string }>(
    `select count(*)::text as rows,
    coalesce(sum(('x' || left(md5(to_jsonb(one)::text), 15))::bit(60)::bigint::numeric), 0)::text as digest
     from (select ${list} from ${quoted(name)}) as one`,
  );
  return { rows: Number(rows[0]?.rows ?? 0), digest: rows[0]?.digest ?? '' };
}
