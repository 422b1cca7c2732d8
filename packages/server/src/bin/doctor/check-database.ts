import type { OpenDatabase } from '../../compose-data.ts';
import type { Config } from '../../config.ts';
import { makeOwner, migrationStatus } from '../../lib/migrate.ts';
import { otherVersions, wordsForOthers } from '../../lib/other-versions.ts';
import { findUndeclared, wordsForUndeclared } from '../../reconcile/find-undeclared.ts';
import { UnsupportedDatabase } from '../../lib/require-postgres.ts';
import { broken, doubtful, fine, messageOf, type Finding } from './finding.ts';

/** Leases and expiries go by the clock of the database, but tokens and the signatures of stores by that of the machine. */
const tolerableSkewMs = 2_000;

export async function checkDatabaseReached(open: () => Promise<OpenDatabase>): Promise<{ database: OpenDatabase | null; findings: Finding[] }> {
  try {
    const database = await open();
    await database.pool.query('select 1');
    return { database, findings: [] };
  } catch (error) {
    if (error instanceof UnsupportedDatabase)
      return { database: null, findings: [broken('database', error.message, 'Point DATABASE_URL at a PostgreSQL that is supported.')] };
    return {
      database: null,
      findings: [
        broken(
          'database',
          `cannot be reached: ${messageOf(error)}`,
          'Check DATABASE_URL: host, port, user, password, name, and whether the server lets this machine in.',
        ),
      ],
    };
  }
}

export async function checkDatabase({ db, pool, postgres }: OpenDatabase, config: Config): Promise<Finding[]> {
  const whose = config.databaseUrl !== null ? 'external' : postgres === null ? 'embedded, of a Safelight that is running' : 'embedded, started for this test';
  const sent = Date.now();
  const { rows } = await pool.query<{ version: string; now: Date; connections: number; used: number; writable: boolean }>(`
    select current_setting('server_version') as version, clock_timestamp() as now,
      current_setting('max_connections')::int as connections,
      (select count(*)::int from pg_stat_activity where backend_type = 'client backend') as used,
      not pg_is_in_recovery() and current_setting('transaction_read_only') = 'off' as writable`);
  const [server] = rows;
  if (server === undefined) return [broken('database', 'answered nothing', 'Check what DATABASE_URL points at.')];
  const migrations = await checkMigrations(pool);
  const skewMs = server.now.getTime() - (sent + Date.now()) / 2;
  return [
    fine('database', `PostgreSQL ${server.version}, ${whose}`),
    server.writable ? fine('database access', 'can be written to') : broken('database access', 'is a read-only replica', 'Point DATABASE_URL at the primary.'),
    migrations,
    ...(migrations.result === 'ok' ? [await checkDeclared(db, config)] : []),
    checkConnections(server, config),
    await checkVersions(db),
    Math.abs(skewMs) <= tolerableSkewMs
      ? fine('clock', `${Math.round(Math.abs(skewMs))} ms from the database's`)
      : broken(
          'clock',
          `${(skewMs / 1000).toFixed(1)} s from the database's: tokens and signed URLs of stores would end too early or too late`,
          'Let both machines set their clocks by NTP.',
        ),
  ];
}

async function checkDeclared(db: OpenDatabase['db'], config: Config): Promise<Finding> {
  const lacking = wordsForUndeclared(await findUndeclared(db, config));
  return lacking === null
    ? fine('records', 'their collections and stores are all configured')
    : broken('records', lacking, 'Declare the collection again, or list the store in additionalStores (docs/storage.md).');
}

async function checkMigrations(pool: OpenDatabase['pool']): Promise<Finding> {
  const { applied, pending, problems } = await migrationStatus(pool);
  const [problem] = problems;
  if (problem !== undefined) return broken('migrations', problem, 'Start the version of Safelight that this database belongs to.');
  if (pending.length > 0 && !(await mayCreate(pool))) return broken('migrations', 'the user of DATABASE_URL may not create tables', makeOwner);
  if (pending.length > 0)
    return doubtful('migrations', `${pending.length} to apply: ${pending.join(', ')}`, 'Start Safelight, which applies them, or run "safelight migrate".');
  return fine('migrations', `all ${applied.length} applied`);
}

async function mayCreate(pool: OpenDatabase['pool']): Promise<boolean> {
  const asked = `select has_schema_privilege(current_schema(), 'create') as may`;
  const { rows } = await pool.query<{ may: boolean | null }>(asked);
  return rows[0]?.may === true;
}

async function checkVersions(db: OpenDatabase['db']): Promise<Finding> {
  const others = wordsForOthers(await otherVersions(db));
  return others === null
    ? fine('versions', 'no process of another version runs')
    : doubtful('versions', others, 'Replace them, the workers before the servers (docs/operating.md).');
}

function checkConnections({ connections, used }: { connections: number; used: number }, config: Config): Finding {
  // One more than the pool, for listening.
  const wanted = config.databaseConnections + 1;
  const text = `${used} of ${connections} connections are in use; one process takes up to ${wanted}`;
  return connections - used >= wanted
    ? fine('connections', text)
    : doubtful('connections', text, 'Lower SAFELIGHT_DATABASE_CONNECTIONS, or raise max_connections of the database.');
}
