import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';

import { SafelightError } from '../../lib/errors.ts';
import { owned } from '../../lib/owned.ts';

export type ToStamper = { file: string; text: string };
export type FromStamper = { tail: Uint8Array } | { failure: 'encrypted' | 'damaged' | 'too_much' };

const isSource = import.meta.url.endsWith('.ts');
const entry = fileURLToPath(new URL(isSource ? './stamp-child.ts' : './stamp-child.js', import.meta.url));

/** A document of 82 MB and 300 pages takes six seconds and half a gigabyte. */
const deadlineMs = 120_000;
const mostMemoryMB = 1536;

/** Marks each page with the text, in a separate process, which a hostile document may crash; the result is appended to the document's bytes. */
export async function stampPdf(input: ToStamper, signal: AbortSignal, deadline = deadlineMs): Promise<FromStamper> {
  signal.throwIfAborted();
  const { PATH, TMPDIR, SystemRoot } = process.env;
  const child = owned(
    fork(entry, {
      execArgv: [...(isSource ? ['--conditions=safelight-source'] : []), `--max-old-space-size=${mostMemoryMB}`, '--no-warnings'],
      env: { NODE_ENV: 'production', ...Object.fromEntries(Object.entries({ PATH, TMPDIR, SystemRoot }).filter(([, value]) => value !== undefined)) },
      serialization: 'advanced',
      detached: true,
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    }),
  );
  const { promise, resolve, reject } = Promise.withResolvers<FromStamper>();
  const kill = (): void => void child.kill('SIGKILL');
  const timer = setTimeout(kill, deadline);
  signal.addEventListener('abort', kill, { once: true });
  child.once('error', (cause) => reject(new SafelightError('internal', 'The process that marks documents could not be started.', { cause })));
  child.once('message', (message) => resolve(message as FromStamper));
  child.once('exit', () => (signal.aborted ? reject(signal.reason) : resolve({ failure: 'too_much' })));
  try {
    child.send(input);
    return await promise;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', kill);
    kill();
  }
}
