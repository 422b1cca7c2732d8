import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import pg from 'pg';

import { freePort } from './free-port.ts';

export const whyNoPgbouncer = (): string | null =>
  spawnSync('pgbouncer', ['--version'], { stdio: 'ignore' }).error === undefined ? null : 'PgBouncer is not installed: apt-get install pgbouncer';

/** A real PgBouncer in transaction mode in front of that Postgres, with four connections and defaults for everything else. */
export async function startPgbouncer(postgres: string): Promise<{ url: string; stop(): Promise<void> }> {
  const { hostname, port: behind, username, pathname } = new URL(postgres);
  const home = await mkdtemp(path.join(tmpdir(), 'safelight-pgbouncer-'));
  await chmod(home, 0o755);
  const port = await freePort();
  const file = path.join(home, 'pgbouncer.ini');
  await writeFile(
    file,
    `[databases]
* = host=${hostname} port=${behind} user=${username}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = 4
`,
  );
  // It refuses to run as root.
  const ids = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};
  const child = spawn('pgbouncer', ['-q', file], { ...ids, cwd: home, stdio: 'ignore' });
  const exited = once(child, 'exit');
  const url = `postgres://${username}@127.0.0.1:${port}${pathname}`;
  while (!(await answers(url))) {
    if (child.exitCode !== null) throw new Error(`pgbouncer ended with ${child.exitCode}`);
    await delay(50);
  }
  return {
    url,
    async stop() {
      child.kill('SIGKILL');
      await exited;
      await rm(home, { recursive: true, force: true });
    },
  };
}

async function answers(connectionString: string): Promise<boolean> {
  const client = new pg.Client({ connectionString });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return (await client.query('select 1')).rowCount === 1;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => undefined);
  }
}
