import type { Tx } from '../lib/context.ts';
import { notifyAfterCommit } from '../lib/notify.ts';
import { cancelNotification, type JobName } from './definitions.ts';
import { requestCancel } from './queue-rows.ts';

/** Cancels the unfinished jobs of these names for an asset that goes: nobody waits for their results any more. */
export async function cancelJobsOf(tx: Tx, assetId: string, names: readonly JobName[]): Promise<void> {
  const jobs = await tx.selectFrom('job').select('id').where('asset_id', '=', assetId).where('type', 'in', names).where('finished_at', 'is', null).execute();
  for (const { id } of jobs) await askToEnd(tx, id);
}

/** Cancels one job: a waiting one at once, and whoever runs it is told. */
export async function askToEnd(tx: Tx, id: string): Promise<void> {
  const asked = await requestCancel(tx, id);
  if (asked !== undefined) notifyAfterCommit(tx, 'jobs', asked.state === 'active' ? cancelNotification.of(id) : asked.lane);
}
