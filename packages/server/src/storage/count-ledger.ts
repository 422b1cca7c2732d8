import { sql } from '#kysely';

import type { Db } from '../lib/context.ts';

/** Rows of the ledger by state. `stored` is an estimate, because counting a hundred million rows takes minutes. */
export type LedgerCounts = { writing: number; deleting: number; stored: number };

export async function countLedger(db: Db): Promise<LedgerCounts> {
  const { rows } = await sql<LedgerCounts>`
    select writing, deleting, greatest(estimated - writing - deleting, 0) as stored
    from (select count(*) filter (where state = 'writing')::int as writing,
      count(*) filter (where state = 'deleting')::int as deleting
          from object where state <> 'stored') as unfinished,
      (select greatest(reltuples, 0)::float8 as estimated from pg_class
        where oid = 'object'::regclass) as sizes`.execute(db);
  return rows[0] ?? { writing: 0, deleting: 0, stored: 0 };
}
