import type { Db, Tx } from '../lib/context.ts';
import { isUnreachable } from '../lib/database.ts';
import { newJobId, type JobId } from '../lib/ids.ts';
import { transact } from '../lib/transact.ts';

/**
 * Runs a transaction that queues a job under the given id, and returns that id. If the connection is lost, the job tells whether the COMMIT was carried
 * out and only its answer lost: its caller would ask again, and have it done, and perhaps paid, twice.
 */
export async function queueOnce(db: Db, work: (tx: Tx, id: JobId) => Promise<void>): Promise<JobId> {
  const id = newJobId();
  try {
    await transact(db, async (tx) => await work(tx, id));
  } catch (error) {
    if (!isUnreachable(error) || !(await isQueued(db, id))) throw error;
  }
  return id;
}

async function isQueued(db: Db, id: JobId): Promise<boolean> {
  try {
    return (await db.selectFrom('job').select('id').where('id', '=', id).executeTakeFirst()) !== undefined;
  } catch {
    // The database is still away, which the caller reports.
    return false;
  }
}
