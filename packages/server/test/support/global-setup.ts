import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';

import pg from 'pg';
import type { TestProject } from 'vitest/node';

import { startEmbeddedPostgres } from '../../src/lib/embedded-postgres.ts';
import { createLog } from '../../src/lib/log.ts';
import { migrate } from '../../src/lib/migrate.ts';
import { onServer, withDatabase } from './server.ts';

/** One Postgres for the whole run: an embedded one, or the server in SAFELIGHT_TEST_DATABASE_URL. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const server = await openServer(process.env['SAFELIGHT_TEST_DATABASE_URL']);
  const name = `safelight_template_${randomBytes(4).toString('hex')}`;
  try {
    await onServer(server.url, `create database ${name}`);
    const template = new pg.Pool({ connectionString: withDatabase(server.url, name), max: 1 });
    await migrate(template).finally(() => template.end());
  } catch (error) {
    await server.close();
    throw error;
  }
  project.provide('templateDatabase', { server: server.url, name });
  return async () => {
    await onServer(server.url, `drop database ${name}`);
    await server.close();
  };
}

async function openServer(url: string | undefined): Promise<{ url: string; close: () => Promise<void> }> {
  if (url) return { url, close: async () => {} };
  const dataDir = path.join(os.tmpdir(), `safelight-test-${randomBytes(6).toString('hex')}`);
  // Nothing here outlives the run, so nothing has to be synced to disk.
  const settings = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off', max_connections: '300' };
  const postgres = await startEmbeddedPostgres({ dataDir, log: createLog({ level: 'error' }), settings });
  const close = async (): Promise<void> => {
    await postgres.stop();
    await rm(dataDir, { recursive: true, force: true });
  };
  return { url: postgres.connectionString, close };
}
