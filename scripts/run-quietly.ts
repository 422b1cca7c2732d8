import { spawnSync } from 'node:child_process';

/** Returns the standard output of the command. Throws with it if the command fails. */
export const runQuietly = (command: string, args: string[], cwd: string): string => {
  const { status, stdout } = spawnSync(command, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
  if (status === 0) return stdout;
  throw new Error(`${stdout}${[command, ...args].join(' ')} failed in ${cwd}.`);
};
