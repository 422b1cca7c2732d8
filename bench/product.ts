import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';

const repository = path.resolve(import.meta.dirname, '..');
/** Signs tokens for the product of a benchmark. */
export const benchSecret = 'a secret of the benchmark, which listens on loopback only';

export type Product = { url: string; port: number; token: string; pid: number; readyMs: number; stop(): Promise<void> };

/**
 * The product as `npm start` runs it, or a part of it, with its default configuration; its log goes to a file, as in production.
 * `SAFELIGHT_BENCH_PROFILE=<directory>` writes a CPU profile of it there.
 */
export async function startProduct(command: 'start' | 'serve', { dataDir, env = {} }: { dataDir: string; env?: Record<string, string> }): Promise<Product> {
  await mkdir(dataDir, { recursive: true });
  const profile = process.env['SAFELIGHT_BENCH_PROFILE'];
  const profiling = profile === undefined ? {} : { NODE_OPTIONS: `--cpu-prof --cpu-prof-dir=${profile}` };
  const { PATH, HOME, TMPDIR } = process.env;
  const logFile = `${dataDir}.log`;
  const log = openSync(logFile, 'a');
  const began = performance.now();
  const child = spawn(process.execPath, ['packages/server/bin/safelight.mjs', command], {
    cwd: repository,
    env: { PATH, HOME, TMPDIR, PORT: '0', SAFELIGHT_DATA_DIR: dataDir, SAFELIGHT_JWT_SECRET: benchSecret, ...profiling, ...env },
    stdio: ['ignore', 'pipe', log],
  });
  closeSync(log);
  const exited = once(child, 'exit');
  let said = '';
  const ready = new Promise<number>((resolve) => {
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      if (/Development token: \S+\n/.test(said)) resolve(performance.now() - began);
    });
  });
  const readyMs = await Promise.race([ready, exited.then(() => null)]);
  if (readyMs === null) throw new Error(`The product ended before it was ready:\n${said}${await readFile(logFile, 'utf8')}`);
  const url = /is ready at (\S+)/.exec(said)?.[1] ?? '';
  return {
    url,
    port: Number(new URL(url).port),
    token: /Development token: (\S+)/.exec(said)?.[1] ?? '',
    pid: child.pid ?? 0,
    readyMs,
    async stop() {
      child.kill('SIGTERM');
      await exited;
    },
  };
}
