import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { askClamd, type ClamdAddress } from '../../src/scanning/ask-clamd.ts';
import { freePort } from './free-port.ts';

/** Debian installs it where only root has it on the PATH. */
const binary = ['clamd', '/usr/sbin/clamd'].find((candidate) => spawnSync(candidate, ['--version'], { stdio: 'ignore' }).error === undefined);

export const whyNoClamd = (): string | null => (binary === undefined ? 'clamd is not installed: apt-get install clamav-daemon' : null);

/** The antivirus industry's test file, assembled at run time: written in one piece it would get this repository quarantined. */
export const eicar = (): Buffer => Buffer.from(['X5O!P%@AP[4\\PZX54(P^)7CC)7}$', 'EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*'].join(''));

export type RunningClamd = { address: ClamdAddress; /** As `SAFELIGHT_CLAMD` takes it. */ setting: string; stop(): Promise<void> };

/** A real clamd with one signature of its own, on a free port or on the given one. */
export async function startClamd(directory: string, options: { port?: number; streamMaxLength?: string } = {}): Promise<RunningClamd> {
  const port = options.port ?? (await freePort());
  const signatures = path.join(directory, 'signatures');
  await mkdir(signatures, { recursive: true });
  // Anywhere in a file of any type, so that it is also found inside other files.
  await writeFile(path.join(signatures, 'test.ndb'), `Eicar-Test-Signature:0:*:${eicar().toString('hex')}\n`);
  const file = path.join(directory, 'clamd.conf');
  await writeFile(
    file,
    [
      'Foreground yes',
      `DatabaseDirectory ${signatures}`,
      `TemporaryDirectory ${directory}`,
      'TCPAddr 127.0.0.1',
      `TCPSocket ${port}`,
      `StreamMaxLength ${options.streamMaxLength ?? '25M'}`,
      'MaxThreads 2',
      'User root',
      '',
    ].join('\n'),
  );
  const child = spawn(binary ?? 'clamd', ['--config-file', file], { stdio: ['ignore', 'pipe', 'pipe'] });
  const kill = (): void => void child.kill('SIGKILL');
  // Also when the test that started it ran out of time.
  process.once('exit', kill);
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => (said += text));
  const ended = once(child, 'exit').finally(() => process.off('exit', kill));
  const address = { host: '127.0.0.1', port };
  const answers = async (): Promise<boolean> =>
    await askClamd({ address, command: 'PING', silenceMs: 1000, signal: AbortSignal.timeout(2000) }).then(
      (answer) => answer === 'PONG',
      () => false,
    );
  for (let attempt = 0; attempt < 400; attempt += 1) {
    if (child.exitCode !== null) throw new Error(`clamd ended with ${child.exitCode}: ${said}`);
    if (await answers()) return { address, setting: `127.0.0.1:${port}`, stop: async () => void (kill(), await ended) };
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  kill();
  throw new Error(`clamd did not answer within 20 s: ${said}`);
}
