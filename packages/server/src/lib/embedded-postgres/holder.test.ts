import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { text } from 'node:stream/consumers';

import { expect, onTestFinished, test } from 'vitest';

import { temporaryDirectory } from '../../../test/support/temporary-directory.ts';
import { findHolder } from './holder.ts';

const directoryOf = async (postmaster: number): Promise<string> => {
  const directory = await temporaryDirectory();
  await writeFile(path.join(directory, 'postmaster.pid'), `${postmaster}\n`);
  return directory;
};

test('a directory whose Postgres has ended is free', async () => {
  const ended = spawn('true');
  await once(ended, 'exit');
  expect(await findHolder(await directoryOf(ended.pid ?? 0))).toEqual({ state: 'free' });
  expect(await findHolder(await temporaryDirectory())).toEqual({ state: 'free' });
});

test.skipIf(process.platform !== 'linux')('a Postgres that has ended and that nobody has buried yet is in the way of the next one (needs Linux)', async () => {
  // `sleep` never asks after the child that it inherits from the shell it was.
  const parent = spawn('sh', ['-c', 'true & echo $!; exec sleep 60 >/dev/null'], { stdio: ['ignore', 'pipe', 'ignore'] });
  onTestFinished(() => void parent.kill('SIGKILL'));
  const zombie = Number(await text(parent.stdout));
  const directory = await directoryOf(zombie);
  await expect.poll(async () => await findHolder(directory)).toEqual({ state: 'stale' });
});

test('a living process that is no Postgres is in the way too', async () => {
  expect(await findHolder(await directoryOf(process.pid))).toEqual({ state: 'stale' });
});
