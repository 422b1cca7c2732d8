import { spawnSync } from 'node:child_process';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { expect, test } from 'vitest';

import { whyNoNginx } from './support/nginx.ts';
import { temporaryDirectory } from './support/temporary-directory.ts';

const folder = path.resolve(import.meta.dirname, '../../../deploy');
const isThere = (command: string): boolean => spawnSync(command, ['--version'], { stdio: 'ignore' }).error === undefined;

test.skipIf(!isThere('systemd-analyze'))('systemd takes the units as they are (skipped without systemd-analyze)', async () => {
  const units = (await readdir(path.join(folder, 'systemd'))).map((name) => path.join(folder, 'systemd', name));
  const { status, stdout, stderr } = spawnSync('systemd-analyze', ['verify', ...units], { encoding: 'utf8' });
  expect({ status, said: `${stdout}${stderr}` }).toEqual({ status: 0, said: '' });
});

test.skipIf(!isThere('kubernetes-validate'))('the manifests are what Kubernetes takes (skipped without kubernetes-validate, of PyPI)', () => {
  const { status, stdout, stderr } = spawnSync('kubernetes-validate', ['--strict', path.join(folder, 'kubernetes/safelight.yaml')], { encoding: 'utf8' });
  expect({ status, said: `${stdout}${stderr}` }).toEqual({ status: 0, said: expect.not.stringContaining('ERROR') });
});

test.skipIf(!isThere('docker-compose'))('compose.yaml is what Compose takes (skipped without docker-compose)', () => {
  const secrets = ['POSTGRES_PASSWORD', 'S3_ACCESS_KEY', 'S3_SECRET_KEY', 'SAFELIGHT_JWT_SECRET', 'SAFELIGHT_SIGNING_KEYS'];
  const env = { PATH: process.env['PATH'], ...Object.fromEntries(secrets.map((name) => [name, 'x'])) };
  const { status, stderr } = spawnSync('docker-compose', ['-f', path.join(folder, '../compose.yaml'), 'config', '-q'], { encoding: 'utf8', env });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
});

test.skipIf(whyNoNginx() !== null)(`nginx takes its configuration (${whyNoNginx() ?? 'a real one'})`, async () => {
  const directory = await temporaryDirectory();
  const text = (await readFile(path.join(folder, 'nginx/nginx.conf'), 'utf8'))
    .replaceAll('server:4700', '127.0.0.1:4700')
    .replaceAll('/var/cache/nginx', directory)
    .replaceAll('/tmp/nginx.pid', path.join(directory, 'pid'));
  const file = path.join(directory, 'nginx.conf');
  await writeFile(file, text);
  const binary = spawnSync('nginx', ['-v']).error === undefined ? 'nginx' : '/usr/sbin/nginx';
  const { status, stderr } = spawnSync(binary, ['-t', '-q', '-c', file, '-p', directory], { encoding: 'utf8' });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
});
