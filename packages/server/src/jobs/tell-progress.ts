import { sql } from '#kysely';

import type { Tx } from '../lib/context.ts';
import { entityOf } from '../lib/reach.ts';
import type { JobName } from './definitions.ts';
import { json } from './queue-rows.ts';
import type { JobSubject } from './running-job.ts';

/** Writes the progress of work that is done elsewhere while its jobs pause, in one statement; returns the jobs whose progress is new. */
export async function tellProgress(tx: Tx, told: readonly { id: string; progress: number }[]): Promise<{ job: JobSubject; progress: number }[]> {
  const { rows } = await sql<Row>`
    update job set progress = told.progress, updated_at = now()
    from jsonb_to_recordset(${json(told)}) as told (id uuid, progress real)
    where job.id = told.id and turn = 'later' and finished_at is null and job.progress is distinct from told.progress
    returning job.id, type, data, owner_id as "ownerId", collection, entity_type, entity_id, job.progress`.execute(tx);
  return rows.map(({ progress, collection, entity_type, entity_id, ...job }) => {
    const entity = entityOf({ entity_type, entity_id });
    return { progress, job: { ...job, ...(collection === null ? {} : { collection }), ...(entity === null ? {} : { entity }) } };
  });
}

type Row = Pick<JobSubject, 'id' | 'data' | 'ownerId'> & {
  type: JobName;
  collection: string | null;
  entity_type: string | null;
  entity_id: string | null;
  progress: number;
};
