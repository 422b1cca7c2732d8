import { sql } from '#kysely';

import type { Db } from '../lib/context.ts';
import { notify } from '../lib/notify.ts';
import type { JobLane } from './definitions.ts';

/** Ends the pause of these jobs at once. Jobs that are not paused stay as they are. */
export async function wakeJobs(db: Db, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  const { rows } = await sql<{ lane: JobLane }>`
    update job set turn = 'ready', start_after = null where id = any(${ids}::uuid[]) and turn = 'later'
    returning lane`.execute(db);
  for (const lane of new Set(rows.map((row) => row.lane))) notify(db, 'jobs', lane);
}
