import { sql } from '#kysely';

import type { Db } from './context.ts';
import { version } from './version.ts';

const prefix = 'safelight notifications ';

/** What the connection that each process listens on is called in `pg_stat_activity`, so that others learn which versions run. */
export const listenerName = (of: string): string => `${prefix}${of}`;

/** The versions of the other processes that listen on this database now, unless it is ours. With notifications by Redis nobody listens, and it is empty. */
export async function otherVersions(db: Db, ours = version): Promise<string[]> {
  const { rows } = await sql<{ name: string }>`
    select distinct application_name as name from pg_stat_activity
    where datname = current_database()
      and starts_with(application_name, ${prefix})
      and application_name <> ${listenerName(ours)}
    order by 1`.execute(db);
  return rows.map(({ name }) => name.slice(prefix.length));
}

/** A sentence for the log and for people; null when all are of one version. */
export const wordsForOthers = (others: readonly string[]): string | null =>
  others.length === 0
    ? null
    : `processes of Safelight ${others.join(' and ')} run on this database beside ${version}: while you upgrade, replace the workers first, then the servers`;
