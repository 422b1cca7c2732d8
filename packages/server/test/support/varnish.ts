import { spawnSync } from 'node:child_process';
import path from 'node:path';

import { startFront } from './start-front.ts';

/** Debian installs it where only root has it on the PATH. */
const binary = ['varnishd', '/usr/sbin/varnishd'].find((candidate) => spawnSync(candidate, ['-V'], { stdio: 'ignore' }).error === undefined);

export const whyNoVarnish = (): string | null => (binary === undefined ? 'Varnish is not installed: apt-get install varnish' : null);

/** A cache with its defaults, in front of the given port. */
export async function startVarnish(options: { directory: string; port: number; product: string }): Promise<{ stop(): Promise<void> }> {
  const { directory, port, product } = options;
  const args = ['-F', '-j', 'none', '-n', path.join(directory, 'varnish'), '-a', `127.0.0.1:${port}`, '-b', new URL(product).host, '-s', 'malloc,32m'];
  return await startFront(binary ?? 'varnishd', args, { port, withinSeconds: 30 });
}
