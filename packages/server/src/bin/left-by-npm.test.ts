import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';

import { expect, onTestFinished, test } from 'vitest';

const module = fileURLToPath(new URL('left-by-npm.ts', import.meta.url));
const waits = `import { leftByNpm } from '${module}'; setTimeout(() => {}, 60_000); const left = leftByNpm(process.env); console.log(process.pid); await left; console.log('left'); process.exit(0);`;

/** A process in a shell of its own, like npm runs a script; its output ends with the last of the two. */
async function inShell(env: Record<string, string>): Promise<ChildProcessByStdio<null, Readable, null>> {
  // The second command keeps the shell from replacing itself with the first.
  const shell = spawn('sh', ['-c', `"$0" --input-type=module -e "$1"; true`, process.execPath, waits], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { PATH: process.env['PATH'], ...env },
    detached: true,
  });
  onTestFinished(() => {
    try {
      if (shell.pid !== undefined) process.kill(-shell.pid, 'SIGKILL');
    } catch {
      // The process group is empty.
    }
  });
  await once(shell.stdout, 'readable');
  return shell;
}

test.skipIf(process.platform === 'win32')('a process whose npm has been told to end notices that its shell is gone', async () => {
  const shell = await inShell({ npm_lifecycle_event: 'start' });
  shell.kill('SIGTERM');
  const said = (await shell.stdout.setEncoding('utf8').toArray()).join('');
  expect(said).toMatch(/left\n$/u);
});
