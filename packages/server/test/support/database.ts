import { randomBytes } from 'node:crypto';

import { afterAll, inject } from 'vitest';

import { openDatabase, type OpenDatabase } from '../../src/lib/database.ts';
import { createLog, type Log } from '../../src/lib/log.ts';
import { onServer, withDatabase } from './server.ts';

export type TestDatabase = Pick<OpenDatabase, 'db' | 'pool'> & {
  /** For another process or pool of the test. */
  connectionString: string;
};

/**
 * A new database with the whole schema and no rows, for one test file: `const { db } = await testDatabase();` at its top. Without the schema if
 * `migrated` is false. It is closed and dropped after the file's last test, even if something is still connected to it.
 */
export async function testDatabase(options: { max?: number; log?: Log; migrated?: boolean } = {}): Promise<TestDatabase> {
  const template = inject('templateDatabase');
  const name = `safelight_test_${randomBytes(6).toString('hex')}`;
  await onServer(template.server, `create database ${name} template ${options.migrated === false ? 'template0' : template.name}`);
  const connectionString = withDatabase(template.server, name);
  const database = openDatabase({ connection: connectionString, log: options.log ?? createLog({ level: 'silent' }), max: options.max ?? 5, name: 'test' });
  afterAll(async () => {
    await database.close();
    await onServer(template.server, `drop database ${name} with (force)`);
  });
  return { db: database.db, pool: database.pool, connectionString };
}
