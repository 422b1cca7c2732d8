import pg from 'pg';

import { DataDirInUse, startEmbeddedPostgres } from '../../src/lib/embedded-postgres.ts';
import { createLog } from '../../src/lib/log.ts';
import { owned } from '../../src/lib/owned.ts';

/**
 * A separate process with a Postgres on the given directory, for tests that kill it. It prints lines of JSON on standard output: what it started, or
 * who is using the directory; and, after an interrupt, the result of a query before it stopped Postgres. It ends with its standard input, so it does
 * not outlive the test that started it.
 */
const [dataDir = ''] = process.argv.slice(2);
const say = (line: unknown): unknown => process.stdout.write(`${JSON.stringify(line)}\n`);

process.stdin.resume().once('end', () => process.exit(1));

try {
  const postgres = await startEmbeddedPostgres({ dataDir, log: createLog({ level: 'error' }) });
  // A connection that is closing while Postgres stops reports that as an error of the pool.
  const pool = owned(new pg.Pool({ connectionString: postgres.connectionString }));
  process.once('SIGINT', async () => {
    const { rows } = await pool.query<{ after: string }>(`select 'interrupt' as after`);
    await pool.end();
    await postgres.stop();
    say(rows[0]);
    process.stdin.destroy();
  });
  say({ connectionString: postgres.connectionString, pid: postgres.pid });
} catch (error) {
  if (!(error instanceof DataDirInUse)) throw error;
  say({ inUseBy: error.pid });
  process.stdin.destroy();
}
