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
