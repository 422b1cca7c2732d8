import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';

import { freePort } from './free-port.ts';

export const whyNoRedis = (): string | null =>
  spawnSync('redis-server', ['--version'], { stdio: 'ignore' }).error === undefined ? null : 'Redis is not installed: apt-get install redis-server';

export type RunningRedis = { url: string; port: number; stop(): Promise<void> };

/** A real Redis that stores nothing on disk, on a free port or on the given one. */
export async function startRedis(options: { port?: number } = {}): Promise<RunningRedis> {
  const port = options.port ?? (await freePort());
  const child = spawn('redis-server', ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit');
  let said = '';
  const ready = new Promise<void>((resolve) => {
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      if (said.includes('Ready to accept connections')) resolve();
    });
  });
  if ((await Promise.race([ready, ended.then(() => 'ended')])) === 'ended') throw new Error(`redis-server ended: ${said}`);
  return { url: `redis://127.0.0.1:${port}`, port, stop: async () => void (child.kill('SIGKILL'), await ended) };
}
