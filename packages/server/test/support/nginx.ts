import { spawnSync } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { startFront } from './start-front.ts';

const documented = path.resolve(import.meta.dirname, '../../../../docs/nginx.conf');

/** Debian installs it where only root has it on the PATH. */
const binary = ['nginx', '/usr/sbin/nginx'].find((candidate) => spawnSync(candidate, ['-v'], { stdio: 'ignore' }).error === undefined);

export const whyNoNginx = (): string | null => (binary === undefined ? 'nginx is not installed: apt-get install nginx-light' : null);

/** The documented configuration with this machine's ports and directories, in front of a product. */
export async function startNginx(options: {
  directory: string;
  port: number;
  product: string;
  objects: string;
  cdnSecret?: string;
}): Promise<{ stop(): Promise<void> }> {
  const { directory, port, product, objects, cdnSecret = 'nobody knows it' } = options;
  await mkdir(path.join(directory, 'cache'), { recursive: true });
  const server = (await readFile(documented, 'utf8'))
    .replaceAll('/var/cache/nginx/safelight', path.join(directory, 'cache'))
    .replaceAll('SAFELIGHT_CDN_SECRET', cdnSecret)
    .replaceAll('127.0.0.1:4700', new URL(product).host)
    .replaceAll('127.0.0.1:8080', `127.0.0.1:${port}`)
    .replaceAll('/srv/safelight/objects', objects);
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((kind) => `${kind}_temp_path ${path.join(directory, kind)};`).join('\n');
  const file = path.join(directory, 'nginx.conf');
  // As root, nginx runs its workers under another account, which cannot read the directory of a test.
  const user = process.getuid?.() === 0 ? 'user root;' : '';
  await writeFile(
    file,
    `${user}\ndaemon off;\npid ${path.join(directory, 'pid')};\nerror_log stderr warn;\nevents {}\nhttp {\naccess_log off;\n${temporary}\n${server}\n}\n`,
  );
  return await run(file, directory, port);
}

const fleet = path.resolve(import.meta.dirname, '../../../../deploy/nginx/nginx.conf');

/** The configuration in deploy/ with this machine's ports, in front of several servers. */
export async function startFleetProxy(options: { directory: string; port: number; servers: readonly string[] }): Promise<{ stop(): Promise<void> }> {
  const { directory, port, servers } = options;
  const user = process.getuid?.() === 0 ? 'user root;\n' : '';
  const text = (await readFile(fleet, 'utf8'))
    .replace(/^ *server server:4700(.*)$/m, servers.map((server) => `    server ${server}$1`).join('\n'))
    .replace('listen 8080', `listen 127.0.0.1:${port}`)
    .replaceAll('/var/cache/nginx', directory)
    .replaceAll('/tmp/nginx.pid', path.join(directory, 'pid'));
  const file = path.join(directory, 'nginx.conf');
  await writeFile(file, `${user}daemon off;\n${text}`);
  return await run(file, directory, port);
}

async function run(file: string, directory: string, port: number): Promise<{ stop(): Promise<void> }> {
  return await startFront(binary ?? 'nginx', ['-c', file, '-p', directory, '-e', 'stderr'], { port, withinSeconds: 10 });
}
