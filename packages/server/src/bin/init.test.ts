import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { afterEach, beforeEach, expect, test } from 'vitest';

import { loadConfig } from '../config.ts';
import { init, shapes } from './init.ts';
import { createTerminal } from './terminal.ts';

let folder: string;
beforeEach(async () => {
  // Inside the checkout, so that the configuration finds the package that it imports, like in an application's folder.
  folder = await mkdtemp(path.join(import.meta.dirname, '../../.init-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

const call = async (application: string, options: { force?: boolean } = {}) =>
  await init.run({
    arguments: [application],
    options,
    terminal: createTerminal({ json: true }),
    signal: new AbortController().signal,
    env: {},
    cwd: folder,
  });

test.each(Object.keys(shapes))('what it writes for %s is a configuration that the product takes', async (application) => {
  await call(application);
  const config = await loadConfig({ SAFELIGHT_DATA_DIR: path.join(folder, 'data') }, folder);
  expect(config.collections.size).toBeGreaterThan(0);
});

test('also in a folder whose package.json declares CommonJS', async () => {
  await writeFile(path.join(folder, 'package.json'), '{"type": "commonjs"}');
  await call('listing-photos');
  const config = await loadConfig({ SAFELIGHT_DATA_DIR: path.join(folder, 'data') }, folder);
  expect([...config.collections.keys()]).toEqual(['listing.photos']);
});

test('overwrites nothing unless told to', async () => {
  await writeFile(path.join(folder, 'safelight.config.ts'), 'mine');
  await expect(call('ai-studio')).rejects.toThrow('safelight.config.ts is there already. Nothing was written; --force overwrites.');
  expect(await readdir(folder)).toEqual(['safelight.config.ts']);
  await call('ai-studio', { force: true });
  expect(await readFile(path.join(folder, 'safelight.config.ts'), 'utf8')).toContain('user.library');
});

test('says so in a sentence where nothing can be written', async () => {
  folder = path.join(folder, 'file');
  await writeFile(folder, '');
  await expect(call('ai-studio')).rejects.toThrow(`Nothing can be written into ${folder}: a file stands where a folder is needed.`);
  folder = path.dirname(folder);
});

test('lists the applications if it does not know the given one', async () => {
  await expect(call('listing-photo')).rejects.toThrow(/Did you mean listing-photos\?[^]*creator-shop/);
  expect(await readdir(folder)).toEqual([]);
});

test('every name in .env.example is a setting, or a variable of the AWS SDK', async () => {
  await call('creator-shop');
  const { settings } = await import('../config/settings.ts');
  const named = [...(await readFile(path.join(folder, '.env.example'), 'utf8')).matchAll(/^#? ?([A-Z0-9_]+)=/gm)].map(([, name = '']) => name);
  expect(named.length).toBeGreaterThan(5);
  expect(named.filter((name) => !name.startsWith('AWS_') && !settings.some(({ env }) => env === name))).toEqual([]);
});
