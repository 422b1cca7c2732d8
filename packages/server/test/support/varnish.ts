import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';

/** Debian keeps it where only root looks. */
const binary = ['varnishd', '/usr/sbin/varnishd'].find((candidate) => spawnSync(candidate, ['-V'], { stdio: 'ignore' }).error === undefined);

export const whyNoVarnish = (): string | null => (binary === undefined ? 'Varnish is not installed: apt-get install varnish' : null);

/** A cache as it comes, with nothing said but what it stands in front of. */
export async function startVarnish(options: { directory: string; port: number; product: string }): Promise<{ stop(): Promise<void> }> {
  const { directory, port, product } = options;
  const args = ['-F', '-j', 'none', '-n', path.join(directory, 'varnish'), '-a', `127.0.0.1:${port}`, '-b', new URL(product).host, '-s', 'malloc,32m'];
  const child = spawn(binary ?? 'varnishd', args, { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
  const ended = once(child, 'exit');
  for (let attempt = 0; attempt < 600; attempt += 1) {
    if (child.exitCode !== null) throw new Error(`varnishd ended with ${child.exitCode}: ${said}`);
    const answers = await fetch(`http://127.0.0.1:${port}/healthz`).then(
      ({ ok }) => ok,
      () => false,
    );
    if (answers) return { stop: async () => void (child.kill('SIGTERM'), await ended) };
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  child.kill('SIGKILL');
  throw new Error(`varnishd did not answer within 30 s: ${said}`);
}
