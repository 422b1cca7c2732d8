import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

import { afterEach, describe, expect, onTestFinished, test } from 'vitest';

import { findHolder } from '../src/lib/embedded-postgres/holder.ts';
import { testDatabase } from './support/database.ts';
import { temporaryDirectory } from './support/temporary-directory.ts';

const entry = path.join(import.meta.dirname, '../src/bin/safelight.ts');
const preload = pathToFileURL(path.join(import.meta.dirname, 'fixtures/stop-while-starting.mjs')).href;

type Started = { stop(): void; exited: Promise<unknown>; output(): string };

async function begin(env: Record<string, string>, command = 'start'): Promise<Started> {
  const child = spawn(process.execPath, ['--conditions=safelight-source', entry, command], {
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], PORT: '0', SAFELIGHT_DATA_DIR: await temporaryDirectory(), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  return { stop: () => void child.kill('SIGTERM'), exited: once(child, 'close'), output: () => output };
}

/** Ended as this command by any other stop, and without having said that it is ready. */
async function expectStopped({ exited, output }: Started, code = 0): Promise<void> {
  expect(await exited, output()).toEqual([code, null]);
  expect(output()).not.toMatch(/is ready/);
  expect(output()).not.toMatch(/"level":"(error|fatal)"/);
}

describe('what is told to stop while it starts', { timeout: 60_000 }, () => {
  test('does not wait for a database that takes connections and says nothing', async () => {
    const silent = createServer().listen(0, '127.0.0.1');
    onTestFinished(() => void silent.close());
    await once(silent, 'listening');
    const started = await begin({ DATABASE_URL: `postgres://a@127.0.0.1:${(silent.address() as AddressInfo).port}/a` });
    await once(silent, 'connection');
    started.stop();
    await expectStopped(started);
  });

  describe('on a database whose migrations another process holds up', async () => {
    const { pool, connectionString } = await testDatabase({ migrated: false });
    afterEach(async () => void (await pool.query('drop table if exists schema_migration')));

    test.each([
      ['start', 0, ''],
      ['migrate', 1, 'Stopped by SIGTERM.'],
    ])('does not wait for it (%s), and migrates nothing afterwards', async (command, code, words) => {
      await pool.query('create table schema_migration (name text primary key, sha256 text not null, applied_at timestamptz not null default now(), kind text)');
      const other = await pool.connect();
      try {
        await other.query('begin');
        await other.query('lock table schema_migration in share row exclusive mode');
        const started = await begin({ DATABASE_URL: connectionString }, command);
        const waiting = `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;
        await expect.poll(async () => (await pool.query(waiting)).rowCount).toBe(1);
        started.stop();
        await expectStopped(started, code);
        expect(started.output()).toContain(words);
      } finally {
        await other.query('rollback');
        other.release();
      }
      const others = `select from pg_stat_activity where datname = current_database() and application_name like 'safelight %' and application_name <> 'safelight test'`;
      await expect.poll(async () => (await pool.query(others)).rowCount).toBe(0);
      expect((await pool.query('select name from schema_migration')).rows).toEqual([]);
    });
  });

  test.each([
    ['before it has read its configuration', 'src/config.ts'],
    ['once its database runs', 'open-filesystem-store'],
    ['once it serves', 'listening'],
  ])('ends its own database, %s', async (_when, module) => {
    const dataDir = await temporaryDirectory();
    const started = await begin({ SAFELIGHT_DATA_DIR: dataDir, NODE_OPTIONS: `--import=${preload}`, STOP_AT: module });
    await expectStopped(started);
    expect(await findHolder(path.join(dataDir, 'postgres'))).toEqual({ state: 'free' });
  });
});
