import { spawn } from 'node:child_process';
import { once } from 'node:events';

import { owned } from '../../src/lib/owned.ts';

/** A proxy on a port of this machine; resolves when the product answers through it. */
export async function startFront(
  binary: string,
  args: readonly string[],
  options: { port: number; withinSeconds: number },
): Promise<{ stop(): Promise<void> }> {
  const { port, withinSeconds } = options;
  const child = owned(spawn(binary, args, { stdio: ['ignore', 'ignore', 'pipe'] }));
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
  const ended = once(child, 'close').then(
    () => undefined,
    (error: Error) => void (said += error.message),
  );
  for (let attempt = 0; attempt < withinSeconds * 20; attempt += 1) {
    if (child.exitCode !== null || child.pid === undefined) throw new Error(`${binary} ended with ${child.exitCode}: ${said}`);
    const answers = await fetch(`http://127.0.0.1:${port}/healthz`).then(
      ({ ok }) => ok,
      () => false,
    );
    if (answers) {
      return {
        async stop() {
          child.kill('SIGTERM');
          await ended;
        },
      };
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  child.kill('SIGKILL');
  await ended;
  throw new Error(`${binary} did not answer within ${withinSeconds} s: ${said}`);
}
