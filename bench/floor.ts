import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';

export type Floor = { port: number; pid: number; stop(): void };

/** The bare server in a process of its own, over the files of `directory`. */
export async function startFloor(directory: string): Promise<Floor> {
  await mkdir(directory, { recursive: true });
  const child = fork(path.join(import.meta.dirname, 'floor-server.ts'), [directory]);
  const [port] = (await once(child, 'message')) as [number];
  return { port, pid: child.pid ?? 0, stop: () => child.disconnect() };
}
