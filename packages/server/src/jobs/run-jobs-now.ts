import { sql } from 'kysely';

import type { Tx } from '../lib/context.ts';
import { hintAfterCommit } from '../lib/hints.ts';

/** Lets waiting jobs, also those between two attempts, begin at once. What is being worked on or has ended stays as it is. */
export async function runJobsNow(tx: Tx, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  const { rows } = await sql<{ name: string }>`
    update pgboss.job set start_after = now() where id = any(${[...ids]}::uuid[]) and state in ('created', 'retry') and start_after > now() returning name`.execute(
    tx,
  );
  for (const lane of new Set(rows.map(({ name }) => name))) hintAfterCommit(tx, 'jobs', lane);
}
