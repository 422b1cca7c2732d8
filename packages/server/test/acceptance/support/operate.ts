import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import path from 'node:path';

import { expect } from 'vitest';

import { target } from './api.ts';

const entry = path.resolve(import.meta.dirname, '../../../src/bin/safelight.ts');

/** Why suites that need an operator beside the running product cannot run; null when they can. */
export const needsOperator = target.operator === null ? 'nobody here may run commands beside the target, or its objects lie in its own memory' : null;

/** Runs a command of the product beside it, as an operator would, and returns its JSON output. */
export async function operate(...args: string[]): Promise<Record<string, unknown>> {
  const child = spawn(process.execPath, ['--conditions=safelight-source', entry, ...args, '--json'], {
    cwd: path.resolve(import.meta.dirname, '../../../../..'),
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], TMPDIR: process.env['TMPDIR'], ...target.operator?.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [said, complained, code] = await Promise.all([text(child.stdout), text(child.stderr), new Promise((resolve) => child.once('close', resolve))]);
  expect(code, `${said}\n${complained}`).toBe(0);
  return JSON.parse(said) as Record<string, unknown>;
}
