import type pg from 'pg';

/** The oldest version that the suites run on. */
const leastMajor = 15;

/** The database speaks the protocol but is not supported; no setting helps. */
export class UnsupportedDatabase extends Error {
  override readonly name = 'UnsupportedDatabase';
}

/** Throws `UnsupportedDatabase` when this is not a PostgreSQL that Safelight supports. Checked before anything is written. */
export async function requirePostgres(pool: Pick<pg.Pool, 'query'>, connectionString: string): Promise<void> {
  const { rows } = await pool.query<{ version: string }>('select version() as version');
  const version = rows[0]?.version ?? '';
  const engine = otherEngine(version, connectionString) ?? (await engineBySchema(pool));
  if (engine !== null)
    throw new UnsupportedDatabase(
      `The database of DATABASE_URL is ${engine.name}, on which Safelight does not run: ${engine.lacks}. Use PostgreSQL ${leastMajor} or later, your own or a managed one.`,
    );
  const major = Number(/^PostgreSQL (\d+)/.exec(version)?.[1]);
  if (!(major >= leastMajor))
    throw new UnsupportedDatabase(`The database of DATABASE_URL says that it is "${version}". Use PostgreSQL ${leastMajor} or later.`);
}

type Engine = { name: string; lacks: string };

const cockroach = { name: 'CockroachDB', lacks: 'it has no LISTEN and NOTIFY, and transactions that meet are sent back instead of waiting for each other' };
const dsql = { name: 'Aurora DSQL', lacks: 'it has no foreign keys, no locks that are waited for, and no LISTEN and NOTIFY' };
const spanner = { name: 'Spanner', lacks: 'it has no LISTEN and NOTIFY, no locks of single rows that are waited for, and not the SQL of our migrations' };

/** By its own version text, and by its address: DSQL calls itself PostgreSQL. */
function otherEngine(version: string, connectionString: string): Engine | null {
  if (/cockroach/i.test(version)) return cockroach;
  if (/spanner/i.test(version)) return spanner;
  const host = URL.canParse(connectionString) ? new URL(connectionString).hostname : '';
  return /\.dsql(-\w+)?\.[a-z0-9-]+\.on\.aws$/.test(host) ? dsql : null;
}

/** Engines that call themselves PostgreSQL and are recognised by schemas of their own. */
async function engineBySchema(pool: Pick<pg.Pool, 'query'>): Promise<Engine | null> {
  const { rows } = await pool.query<{ name: string }>(
    `select table_schema || '.' || table_name as name from information_schema.tables
      where table_schema in ('spanner_sys', 'sys', 'crdb_internal')`,
  );
  const names = rows.map(({ name }) => name);
  if (names.some((name) => name.startsWith('crdb_internal.'))) return cockroach;
  if (names.some((name) => name.startsWith('spanner_sys.'))) return spanner;
  return names.includes('sys.iam_pg_role_mappings') ? dsql : null;
}
