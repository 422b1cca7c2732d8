import { openDatabase } from '../packages/server/src/lib/database.ts';
import type { Log } from '../packages/server/src/lib/log.ts';

/** An empty database on the same server as another; returns its URL. */
export async function newDatabase(connectionString: string, name: string, log: Log): Promise<string> {
  const { pool, close } = openDatabase({ connection: connectionString, log });
  await pool.query(`create database ${name}`);
  await close();
  return connectionString.replace(/\/[^/?]*(\?|$)/, `/${name}$1`);
}
