import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

const launcher = resolve(import.meta.dirname, '../bin/safelight.mjs');
const installed = resolve(import.meta.dirname, '../../../node_modules');

/** Preloads that make the Node of this test look like another one to the launcher. */
const withoutExecve = ['--import', 'data:text/javascript,process.execve = undefined'];
const asNode20 = ['--import', 'data:text/javascript,Object.defineProperty(process.versions, "node", { value: "20.11.0" })'];

const report = `console.log(JSON.stringify({ node: process.versions.node, args: process.argv.slice(2), execArgv: process.execArgv })); process.exit(7);`;
const waitForTerm = `process.on('SIGTERM', () => process.exit(5)); setInterval(() => {}, 1000); console.log('up');`;

let home: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'safelight-launcher-'));
  await mkdir(join(home, 'bin'));
  await copyFile(launcher, join(home, 'bin/safelight.mjs'));
});
afterEach(() => rm(home, { recursive: true, force: true }));

const putEntry = async (path: 'src/bin/safelight.ts' | 'dist/bin/safelight.js', code: string): Promise<void> => {
  await mkdir(join(home, path, '..'), { recursive: true });
  await writeFile(join(home, path), code);
};
const installPinnedNode = (): Promise<void> => symlink(installed, join(home, 'node_modules'));

const start = (preload: string[], args: string[], env: Record<string, string> = {}) =>
  spawn(process.execPath, [...preload, join(home, 'bin/safelight.mjs'), ...args], { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...env } });

const run = async (preload: string[] = [], args: string[] = [], env: Record<string, string> = {}) => {
  const child = start(preload, args, env);
  const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  return { stdout, stderr, code: code as number | null };
};

describe.each([
  ['becoming the pinned Node', []],
  ['with the pinned Node as a child', withoutExecve],
])('%s', (_how, preload) => {
  beforeEach(installPinnedNode);

  test('runs the sources of a checkout under Node 26 and passes on arguments and exit code', async () => {
    await putEntry('src/bin/safelight.ts', report);
    const { stdout, code } = await run(preload, ['token', '--json', 'two words']);
    expect(code).toBe(7);
    expect(JSON.parse(stdout)).toEqual({
      node: expect.stringMatching(/^26\./),
      args: ['token', '--json', 'two words'],
      // Ends before a small young generation would have saved anything.
      execArgv: ['--min-semi-space-size=16', '--max-semi-space-size=16', '--conditions=safelight-source'],
    });
  });

  test('runs what was built where there are no sources', async () => {
    await putEntry('dist/bin/safelight.js', report);
    const { stdout, code } = await run(preload, ['serve']);
    expect(code).toBe(7);
    expect(JSON.parse(stdout)).toMatchObject({ execArgv: ['--min-semi-space-size=8', '--max-semi-space-size=8'] });
  });

  test('keeps a size of the young generation that the user has set', async () => {
    await putEntry('dist/bin/safelight.js', report);
    const { stdout } = await run(preload, [], { NODE_OPTIONS: '--max-semi-space-size=32' });
    expect(JSON.parse(stdout)).toMatchObject({ execArgv: [] });
  });

  test('gives servers more threads for files, unless the operator has set how many', async () => {
    await putEntry('dist/bin/safelight.js', `console.log(process.env.UV_THREADPOOL_SIZE ?? 'as Node has them');`);
    const threads = async (command: string, env: Record<string, string> = {}) => (await run(preload, [command], env)).stdout.trim();
    expect(await threads('serve')).toBe('16');
    expect(await threads('serve', { UV_THREADPOOL_SIZE: '5' })).toBe('5');
    expect(await threads('token')).toBe('as Node has them');
  });

  test('lets servers give freed memory back to the system, unless the operator has set otherwise', async () => {
    await putEntry('dist/bin/safelight.js', `console.log(process.env.MALLOC_ARENA_MAX, process.env.MALLOC_TRIM_THRESHOLD_);`);
    const kept = async (command: string, env: Record<string, string> = {}) => (await run(preload, [command], env)).stdout.trim();
    expect(await kept('serve')).toBe('2 4194304');
    expect(await kept('serve', { MALLOC_ARENA_MAX: '6' })).toBe('6 4194304');
    expect(await kept('token')).toBe('undefined undefined');
  });

  test('passes a signal on and exits with the resulting code', async () => {
    await putEntry('dist/bin/safelight.js', waitForTerm);
    const child = start(preload, []);
    await once(child.stdout, 'data');
    child.kill('SIGTERM');
    expect(await once(child, 'exit')).toEqual([5, null]);
  });
});

describe('without the pinned Node', () => {
  test('runs on a Node that is new enough', async () => {
    await putEntry('dist/bin/safelight.js', report);
    expect((await run()).code).toBe(7);
  });

  test('says which Node is needed, which was found and what to do', async () => {
    await putEntry('dist/bin/safelight.js', report);
    const { stderr, code } = await run(asNode20);
    expect(code).toBe(1);
    expect(stderr).toMatch(/needs Node 26 or newer and this is Node 20\.11\.0 .* run "npm install --include=optional"/);
  });
});
