import { sql } from '#kysely';

import type { Db } from '../lib/context.ts';
import { jobLanes, type JobLane } from './definitions.ts';

/** The ready jobs of a lane that no worker has taken. */
export type Backlog = { lane: JobLane; jobs: number; owners: number; oldestSeconds: number };

/** The backlog of each lane, including empty ones: read from the index of ready jobs alone. */
export async function readBacklog(db: Db): Promise<Backlog[]> {
  const { rows } = await sql<Backlog>`
    select lane, count(*)::int as jobs, count(distinct owner_id)::int as owners,
      greatest(extract(epoch from now() - min(rank)), 0)::float8 as "oldestSeconds"
    from job where turn = 'ready' group by lane`.execute(db);
  return jobLanes.map((lane) => rows.find((row) => row.lane === lane) ?? { lane, jobs: 0, owners: 0, oldestSeconds: 0 });
}
