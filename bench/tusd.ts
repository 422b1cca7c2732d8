import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { connect } from 'node:net';
import path from 'node:path';

import { freePort } from '../packages/server/test/support/free-port.ts';
import type { Floor } from './floor.ts';

/** The reference server of tus, which is written in Go, on the files of `directory`; null if its binary is not on the PATH. */
export async function startTusd(directory: string): Promise<Floor | null> {
  const binary = onPath('tusd');
  if (binary === null) return null;
  await mkdir(directory, { recursive: true });
  const port = await freePort();
  const child = spawn(binary, ['-host', '127.0.0.1', '-port', String(port), '-upload-dir', directory], { stdio: 'ignore' });
  const ended = once(child, 'exit');
  while (!(await answers(port))) {
    if (child.exitCode !== null) throw new Error(`tusd ended with ${child.exitCode} before it listened.`);
    await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, 20))]);
  }
  return { port, pid: child.pid ?? 0, stop: () => void child.kill() };
}

function onPath(name: string): string | null {
  for (const folder of (process.env['PATH'] ?? '').split(path.delimiter)) {
    const file = path.join(folder, name);
    try {
      accessSync(file, constants.X_OK);
      return file;
    } catch {
      continue;
    }
  }
  return null;
}

async function answers(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    return await new Promise<boolean>((resolve) => socket.once('connect', () => resolve(true)).once('error', () => resolve(false)));
  } finally {
    socket.destroy();
  }
}
