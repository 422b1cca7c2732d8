import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';

const entry = path.resolve(import.meta.dirname, '../../packages/server/src/bin/safelight.ts');

/** A command of `safelight` as an operator types it; what it says. One that fails throws with what it said. */
export async function operate(args: readonly string[], env: Record<string, string>): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, ['--conditions=safelight-source', entry, ...args], {
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], ...env },
  });
  return stdout;
}
