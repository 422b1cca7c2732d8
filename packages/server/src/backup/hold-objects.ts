import { randomUUIDv7 } from 'node:crypto';

import { sql } from '#kysely';

import type { Db } from '../lib/context.ts';
import type { Log } from '../lib/log.ts';

const leaseSeconds = 120;

/** Keeps every server from removing bytes until `release`. If this process dies, removal resumes after the lease. */
export async function holdObjects(db: Db, log: Log): Promise<{ release(): Promise<void> }> {
  const id = randomUUIDv7();
  const extend = async (): Promise<unknown> =>
    await sql`insert into backup_hold (id, lease_until) values (${id}, now() + make_interval(secs => ${leaseSeconds}))
      on conflict (id) do update set lease_until = excluded.lease_until`.execute(db);
  await sql`delete from backup_hold where lease_until < now()`.execute(db);
  await extend();
  const renewal = setInterval(
    () => void extend().catch((error: unknown) => log.warn({ err: error }, 'the hold of a backup could not be extended')),
    leaseSeconds * 250,
  );
  return {
    async release() {
      clearInterval(renewal);
      await db.deleteFrom('backup_hold').where('id', '=', id).execute();
    },
  };
}
