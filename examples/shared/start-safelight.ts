import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';

const command = path.resolve(import.meta.dirname, '../../packages/server/bin/safelight.mjs');

export type Safelight = { url: string; consoleURL: string; token: string; pid: number; ended: Promise<unknown>; stop: () => Promise<void> };

/** `safelight start` as a process of its own; answers when it is ready. */
export async function startSafelight({ dataDir, env, signal }: { dataDir: string; env: Record<string, string>; signal?: AbortSignal }): Promise<Safelight> {
  const child = spawn(process.execPath, [command, 'start', '--json'], {
    // Not the terminal's Ctrl-C ends it, but `stop`, after the pages.
    detached: true,
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], PORT: '0', SAFELIGHT_LOG_LEVEL: 'error', SAFELIGHT_DATA_DIR: dataDir, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit');
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM');
    await ended;
  };
  process.once('exit', () => child.kill('SIGKILL'));
  signal?.addEventListener('abort', () => child.kill('SIGTERM'), { once: true });
  for await (const line of createInterface(child.stdout)) {
    if (!line.startsWith('{')) continue;
    const { url, consoleURL, token } = JSON.parse(line) as { url: string; consoleURL: string; token: string };
    child.stdout.resume();
    return { url, consoleURL, token, pid: child.pid ?? 0, ended, stop };
  }
  throw new Error('Safelight ended before it was ready; see what it said above.');
}
