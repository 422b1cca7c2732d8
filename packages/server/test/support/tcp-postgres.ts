import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { chmod, chown, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import pg from 'pg';

import { findBinariesPackage } from '../../src/lib/embedded-postgres/binaries.ts';
import { freePort } from './free-port.ts';

export type TcpPostgres = {
  url: string;
  version: string;
  /** Creates an empty database next to that of `url`; returns its URL. */ createDatabase(name: string): Promise<string>;
  close(): Promise<void>;
};

/** A Postgres like an operator's: another process, reached over TCP with a password. Debian's if it is installed, else the binaries from npm. */
export async function startTcpPostgres(): Promise<TcpPostgres> {
  const bin = findPostgres();
  const home = await mkdtemp(path.join(tmpdir(), 'safelight-pg-'));
  // Postgres refuses to run as root.
  const ids = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};
  if (ids.uid !== undefined) await chown(home, ids.uid, ids.gid);
  await chmod(home, 0o700);
  const data = path.join(home, 'data');
  const initialized = spawn(path.join(bin, 'initdb'), ['-D', data, '-U', 'safelight', '--auth=trust', '--encoding=UTF8', '--no-sync'], {
    ...ids,
    cwd: home,
    stdio: 'ignore',
  });
  const [code] = (await once(initialized, 'exit')) as [number | null];
  if (code !== 0) throw new Error(`initdb ended with ${code}`);
  const port = await freePort();
  const settings = {
    port: String(port),
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    max_connections: '200',
    fsync: 'off',
    log_min_messages: 'fatal',
  };
  const postgres = spawn(path.join(bin, 'postgres'), ['-D', data, ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])], {
    ...ids,
    cwd: home,
    stdio: 'ignore',
  });
  const url = `postgres://safelight@127.0.0.1:${port}/postgres`;
  const close = async (): Promise<void> => {
    if (postgres.exitCode === null) {
      postgres.kill('SIGINT');
      await once(postgres, 'exit');
    }
    await rm(home, { recursive: true, force: true });
  };
  for (;;) {
    const client = new pg.Client({ connectionString: url });
    try {
      await client.connect();
      const { rows } = await client.query<{ server_version: string }>('show server_version');
      return { url, version: rows[0]?.server_version ?? '', createDatabase: async (name) => await createDatabase(url, name), close };
    } catch (error) {
      if (postgres.exitCode !== null) {
        await close();
        throw error;
      }
      await delay(50);
    } finally {
      await client.end().catch(() => undefined);
    }
  }
}

function findPostgres(): string {
  const debian = '/usr/lib/postgresql';
  const versions = existsSync(debian)
    ? readdirSync(debian).filter((version) => Number(version) >= 15 && existsSync(path.join(debian, version, 'bin/postgres')))
    : [];
  const newest = versions.sort((a, b) => Number(b) - Number(a))[0];
  return newest === undefined ? path.join(findBinariesPackage(), 'native/bin') : path.join(debian, newest, 'bin');
}

async function createDatabase(url: string, name: string): Promise<string> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(`create database ${pg.escapeIdentifier(name)}`);
  await client.end();
  return new URL(`/${name}`, url).href;
}
