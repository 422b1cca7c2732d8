import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';

import { afterEach, beforeEach, expect, onTestFinished, test } from 'vitest';

import { signalGroup } from '../../packages/server/test/support/product.ts';
import { names } from '../shared/start-example.ts';

const root = path.resolve(import.meta.dirname, '../..');
let folder: string;
beforeEach(async () => void (folder = await mkdtemp(path.join(tmpdir(), 'safelight-run-'))));
afterEach(async () => await rm(folder, { recursive: true, force: true }));

/** `npm run example`, in a process group of its own, like from a terminal. */
function run(...args: string[]) {
  const child = spawn('npm', ['run', '-s', 'example', '--', ...args], {
    cwd: root,
    detached: true,
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], EXAMPLE_DATA_DIR: folder },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  onTestFinished(() => void signalGroup(child.pid ?? 0, 'SIGINT'));
  const said: string[] = [];
  child.stderr.setEncoding('utf8').on('data', (text: string) => said.push(text));
  return { child, said, lines: createInterface(child.stdout), ended: once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]> };
}

test.each(names)('%s is started by one command, says one address, and leaves nothing behind after Ctrl-C', async (name) => {
  const { child, said, lines, ended } = run(name);
  const [line] = (await once(lines, 'line')) as [string];
  const url = /http:\/\/127\.0\.0\.1:\d+/.exec(line)?.[0] ?? '';
  const { consoleURL } = (await (await fetch(`${url}/api/about`)).json()) as { consoleURL: string };
  const product = new URL(consoleURL).origin;
  expect((await fetch(url)).status).toBe(200);
  expect((await fetch(`${product}/readyz`)).status).toBe(200);

  // A terminal signals the whole group, npm passes the signal on to the command, and somebody may press twice.
  signalGroup(child.pid ?? 0, 'SIGINT');
  signalGroup(child.pid ?? 0, 'SIGINT');
  await ended;
  await expect.poll(() => signalGroup(child.pid ?? 0, 0), { message: 'processes of the command' }).toBe(false);
  await expect(fetch(url), 'the pages').rejects.toThrow();
  await expect(fetch(`${product}/readyz`), 'Safelight').rejects.toThrow();
  expect(said.join('')).toBe('');
});

test('an unknown name is answered with the existing ones', async () => {
  const { said, ended } = run('nothing');
  expect((await ended)[0]).toBe(1);
  for (const name of names) expect(said.join('')).toContain(name);
});
