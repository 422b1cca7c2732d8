import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';

import { shortenLogLine } from './shorten-log-line.ts';

const bin = path.resolve(import.meta.dirname, '../../packages/server/bin/safelight.mjs');

export type Safelight = { url: string; consoleURL: string; token: string; pid: number; ended: Promise<unknown>; stop: () => Promise<void> };
type Ready = Pick<Safelight, 'url' | 'consoleURL' | 'token'>;

export type SafelightOptions = { command: 'start' | 'serve'; dataDir: string; env: Record<string, string>; signal?: AbortSignal };

/** `safelight start`, or `serve` next to workers, as a separate process; resolves when it is ready. */
export async function startSafelight({ command, dataDir, env, signal }: SafelightOptions): Promise<Safelight> {
  const child = spawn(process.execPath, [bin, command, '--json'], {
    // The terminal's Ctrl-C does not end it; `stop` does, after the pages.
    detached: true,
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], PORT: '0', SAFELIGHT_LOG_LEVEL: 'error', SAFELIGHT_DATA_DIR: dataDir, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const kill = (): void => void child.kill('SIGKILL');
  process.once('exit', kill);
  // Also if it could not be started at all.
  const ended = once(child, 'exit')
    .catch((error: unknown) => error)
    .finally(() => process.off('exit', kill));
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM');
    await ended;
  };
  signal?.addEventListener('abort', () => child.kill('SIGTERM'), { once: true });
  const log = createInterface(child.stderr).on('line', (line) => console.error(shortenLogLine(line)));
  const logEnd = once(log, 'close');
  // Read to its end: a process whose output is not read stalls once its pipe is full.
  const lines = createInterface(child.stdout);
  const ready = new Promise<Ready>((resolve) => lines.on('line', (line) => line.startsWith('{"ready":true') && resolve(JSON.parse(line) as Ready)));
  const first = await Promise.race([ready, ended.then(() => null)]);
  if (first === null) {
    await logEnd;
    throw new Error('Safelight ended before it was ready; see what it said above.');
  }
  return { ...first, pid: child.pid ?? 0, ended, stop };
}
