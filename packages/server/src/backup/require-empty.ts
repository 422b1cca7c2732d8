import { SafelightError } from '../lib/errors.ts';
import type { Asking } from './asking.ts';

/** The copy replaces everything, so the target must hold nothing that anybody would miss. */
export async function requireEmpty(client: Asking): Promise<void> {
  const { rows } = await client.query<{ assets: number; objects: number; grants: number }>(
    `select (select count(*)::int from asset) as assets, (select count(*)::int from object) as objects,
       (select count(*)::int from grant_) as grants`,
  );
  const [{ assets, objects, grants } = { assets: 0, objects: 0, grants: 0 }] = rows;
  if (assets + objects + grants > 0)
    throw new SafelightError(
      'conflict',
      `The target is not empty: it has ${assets} media, ${objects} objects and ${grants} grants. Give it a database that nothing has been put into; nothing was changed.`,
    );
}

/** A server or worker would go on writing to what is being read or replaced. Our `application_name` tells what runs. */
export async function requireNobodyRunning(client: Asking, which: string): Promise<void> {
  const { rows } = await client.query<{ count: number }>(
    `select count(*)::int as count from pg_stat_activity
      where datname = current_database() and application_name = 'safelight product'`,
  );
  if ((rows[0]?.count ?? 0) > 0)
    throw new SafelightError('conflict', `A server or worker is running on the ${which} database. Stop it first; nothing was changed.`);
}
