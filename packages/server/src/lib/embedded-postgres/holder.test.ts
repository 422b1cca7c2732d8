import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
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
  // `sleep` never waits for the child that it inherits from the shell which it replaces. The child must end after that: a shell may reap children
  // that end before.
  const parent = spawn('sh', ['-c', 'exec 3<&0 </dev/null; cat <&3 >/dev/null & echo $!; exec sleep 60 3<&- >/dev/null'], {
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  onTestFinished(() => void parent.kill('SIGKILL'));
  const zombie = Number(await text(parent.stdout));
  await expect.poll(async () => await readFile(`/proc/${parent.pid}/comm`, 'utf8')).toBe('sleep\n');
  parent.stdin.destroy();
  const directory = await directoryOf(zombie);
  await expect.poll(async () => await findHolder(directory)).toEqual({ state: 'stale' });
});

test('a living process that is not Postgres blocks it too', async () => {
  expect(await findHolder(await directoryOf(process.pid))).toEqual({ state: 'stale' });
});
