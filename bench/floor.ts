import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';

export type Floor = { port: number; pid: number; stop(): void };

/** The bare server in a separate process, on the files of `directory`. */
export const startFloor = async (directory: string): Promise<Floor> => await startServer('floor-server.ts', directory);

/** The common tus server library, in the same way. */
export const startTusLibrary = async (directory: string): Promise<Floor> => await startServer('tus-library-server.ts', directory);

/** The bare server of events, which needs no files. */
export const startFollowerFloor = async (directory: string): Promise<Floor> => await startServer('follower-floor-server.ts', directory);

async function startServer(file: string, directory: string): Promise<Floor> {
  await mkdir(directory, { recursive: true });
  const child = fork(path.join(import.meta.dirname, file), [directory]);
  const [port] = (await once(child, 'message')) as [number];
  return { port, pid: child.pid ?? 0, stop: () => child.disconnect() };
}
