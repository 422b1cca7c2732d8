// npm run first-photo: measures the time from "git clone" to a public photo, with the exact commands of README.md.
//   npm run first-photo                       the committed state of this checkout, with an empty npm cache, as on a new machine
//   npm run first-photo -- --from <URL>       another repository
//   npm run first-photo -- --warm             with the existing npm cache
//   npm run first-photo -- --save             saves the figures in bench/results, from which docs/start.md gets them
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';

import { owned } from '../packages/server/src/lib/owned.ts';
import { freePort } from '../packages/server/test/support/free-port.ts';
import { readBlocks } from './documents/read-blocks.ts';
import { startServer, type StartedServer } from './start-server.ts';
import { writeStart } from './reference/first-photo.ts';

const root = path.resolve(import.meta.dirname, '..');
const { values } = parseArgs({
  options: { from: { type: 'string', default: root }, warm: { type: 'boolean', default: false }, save: { type: 'boolean', default: false } },
});

const folder = await mkdtemp(path.join(os.tmpdir(), 'safelight-first-'));
const port = await freePort();
/** No settings of Safelight, but the way in which this machine reaches its packages. */
const reaching = Object.entries(process.env).filter(([name]) => /^(?:PATH|HOME|NODE_EXTRA_CA_CERTS|(?:npm_config|https?_proxy|no_proxy).*)$/i.test(name));
const env = {
  ...Object.fromEntries(reaching),
  PORT: String(port),
  ...(values.warm ? {} : { npm_config_cache: path.join(folder, 'npm') }),
};
const steps: { step: string; seconds: number }[] = [];
let server: StartedServer | undefined;
try {
  const clone = path.join(folder, 'safelight');
  await timed('git clone', async () => await run('git', ['clone', '--quiet', values.from, clone], folder));
  const [start = '', upload = ''] = readBlocks(await readFile(path.join(clone, 'README.md'), 'utf8')).flatMap(({ language, text }) =>
    language === 'sh' ? [text] : [],
  );
  await timed(start.trim(), async () => {
    server = await startServer('bash', ['-c', start], { cwd: clone, env, saysReady: /^Development token: /m, withinSeconds: 1200, isGroup: true });
  });
  let address = '';
  await timed('paste the second block of README.md', async () => {
    address = (await run('bash', ['-c', upload.replaceAll('127.0.0.1:4700', `127.0.0.1:${port}`)], clone)).trim().split('\n').at(-1) ?? '';
  });
  const photo = await fetch(address);
  if (!photo.ok || photo.headers.get('content-type')?.startsWith('image/') !== true) throw new Error(`${address} answered ${photo.status} and no photo.`);
  console.log(`Published at ${address}, after ${steps.length} steps and ${Math.round(total())} s:`);
  for (const { step, seconds } of steps) console.log(`${seconds.toFixed(1).padStart(6)} s  ${step}`);
  if (values.save) await save();
} finally {
  await server?.stop();
  await rm(folder, { recursive: true, force: true });
}

async function timed(step: string, act: () => Promise<unknown>): Promise<void> {
  const began = performance.now();
  await act();
  steps.push({ step, seconds: (performance.now() - began) / 1000 });
}

async function run(command: string, given: readonly string[], cwd: string): Promise<string> {
  const child = owned(spawn(command, given, { cwd, env, stdio: ['ignore', 'pipe', 'inherit'] }));
  const [said, [code]] = await Promise.all([child.stdout.setEncoding('utf8').toArray() as Promise<string[]>, once(child, 'close') as Promise<[number | null]>]);
  if (code !== 0) throw new Error(`${command} ended with ${code}: ${said.join('')}`);
  return said.join('');
}

function total(): number {
  return steps.reduce((sum, { seconds }) => sum + seconds, 0);
}

async function save(): Promise<void> {
  const machine = { node: process.version, cpus: os.cpus().length, model: os.cpus()[0]?.model.trim() ?? '', load: os.loadavg()[0] ?? 0 };
  const result = { at: new Date().toISOString(), ...machine, cache: values.warm ? 'warm' : 'empty', steps };
  await writeFile(path.join(root, 'bench/results/first-photo.json'), `${JSON.stringify(result, null, 2)}\n`);
  await writeFile(path.join(root, 'docs/start.md'), writeStart());
}
