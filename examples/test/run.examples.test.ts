import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
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
// Again while its database is still ending.
afterEach(async () => await rm(folder, { recursive: true, force: true, maxRetries: 50, retryDelay: 100 }));

/** `npm run example`, in a process group of its own, like from a terminal. */
function run(args: string[], env: Record<string, string> = {}) {
  const child = spawn('npm', ['run', '-s', 'example', '--', ...args], {
    cwd: root,
    detached: true,
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], EXAMPLE_DATA_DIR: folder, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  onTestFinished(() => void signalGroup(child.pid ?? 0, 'SIGINT'));
  const said: string[] = [];
  child.stderr.setEncoding('utf8').on('data', (text: string) => said.push(text));
  return { child, said, lines: createInterface(child.stdout), ended: once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]> };
}

test.each(names)('%s is started by one command, says one address, and leaves nothing behind after Ctrl-C', async (name) => {
  const { child, said, lines, ended } = run([name]);
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
  // After a second signal nobody waits for it.
  await expect.poll(() => existsSync(path.join(folder, 'postgres/postmaster.pid')), { message: 'its database' }).toBe(false);
  await expect(fetch(url), 'the pages').rejects.toThrow();
  await expect(fetch(`${product}/readyz`), 'Safelight').rejects.toThrow();
  expect(said.join('')).toBe('');
});

test('an unknown name is answered with the existing ones', async () => {
  const { said, ended } = run(['nothing']);
  expect((await ended)[0]).toBe(1);
  for (const name of names) expect(said.join('')).toContain(name);
});

test.each(['abc', '70000', '1.5'])('the port %s is answered in a sentence that says what is wanted, before anything starts', async (PORT) => {
  const { said, ended } = run(['listing-photos'], { PORT });
  expect((await ended)[0]).toBe(2);
  expect(said.join('')).toBe(`PORT is "${PORT}"; wanted: 0 to 65535; 0 takes a free port.\n`);
});

test('an import that fails takes one line of the terminal, which says why', async () => {
  const { said, lines } = run(['listing-photos']);
  const [line] = (await once(lines, 'line')) as [string];
  const url = /http:\/\/127\.0\.0\.1:\d+/.exec(line)?.[0] ?? '';
  const { consoleURL } = (await (await fetch(`${url}/api/about`)).json()) as { consoleURL: string };
  const { origin, hash } = new URL(consoleURL);
  const answer = await fetch(`${origin}/v1/media/import`, {
    method: 'POST',
    headers: { authorization: `Bearer ${hash.replace('#token=', '')}`, 'content-type': 'application/json' },
    body: JSON.stringify({ url: `${url}/api/nothing`, collection: 'listing.photos', entityType: 'listing', entityId: '9f3', filename: 'photo.jpg' }),
  });
  expect(answer.status, await answer.text()).toBe(202);
  await expect.poll(() => said.join('')).toContain('\n');
  expect(said.join('')).toMatch(/^Safelight: A job failed for good\. .*404.*\n$/);
});
