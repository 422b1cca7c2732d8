import { mkdir, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { expect, test } from 'vitest';

import { temporaryDirectory } from '../../test/support/temporary-directory.ts';
import { useFolder } from './use-folder.ts';

test('creates a folder with its parents, and accepts an existing one', async () => {
  const folder = path.join(await temporaryDirectory(), 'a', 'b', 'c');
  expect(useFolder(folder)).toBeNull();
  expect((await stat(folder)).isDirectory()).toBe(true);
  expect(useFolder(folder)).toBeNull();
});

test('says why a folder cannot be used, and exits', async () => {
  const directory = await temporaryDirectory();
  const file = path.join(directory, 'file');
  await writeFile(file, '');
  await mkdir(path.join(directory, 'closed'), { mode: 0o500 });
  expect(useFolder(file)).toContain('a file stands where a folder is needed');
  expect(useFolder(path.join(file, 'below'))).toContain('a file stands where a folder is needed');
  expect(useFolder(path.join(directory, 'n'.repeat(300)))).toContain('the name is too long');
  if (process.platform === 'linux') expect(useFolder('/proc/nothing/below')).not.toBeNull();
  if (process.getuid?.() !== 0) expect(useFolder(path.join(directory, 'closed', 'below'))).toContain('may not write');
});
