import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';

const entry = path.resolve(import.meta.dirname, '../../packages/server/src/bin/safelight.ts');

/** Runs a command of `safelight` like an operator; returns its output. Throws with the output if it fails. */
export async function operate(args: readonly string[], env: Record<string, string>): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, ['--conditions=safelight-source', entry, ...args], {
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], ...env },
  });
  return stdout;
}
