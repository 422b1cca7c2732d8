import { sql } from '#kysely';

import type { Tx } from '../lib/context.ts';
import { notifyAfterCommit } from '../lib/notify.ts';

/** Starts waiting jobs at once, including those between two attempts. Running and ended jobs stay as they are. */
export async function runJobsNow(tx: Tx, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  const { rows } = await sql<{ lane: string }>`
    update job set turn = 'ready', start_after = null where id = any(${[...ids]}::uuid[]) and turn = 'later'
    returning lane`.execute(tx);
  for (const lane of new Set(rows.map((row) => row.lane))) notifyAfterCommit(tx, 'jobs', lane);
}
