import type { ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';

import type { Log } from '../log.ts';
import { owned } from '../owned.ts';
import { watchdogExit } from './watchdog.ts';

type Outcome = 'ready' | 'locked' | 'foreign socket directory' | { failed: string };

/** Reads the output of Postgres until it is ready or has ended; afterwards the output goes to the log. */
export async function becomesReady(child: ChildProcess, log: Log, signal: AbortSignal | undefined): Promise<Outcome> {
  const { stderr, stdin } = child;
  if (stderr === null || stdin === null) throw new Error('The watchdog was spawned without its pipes.');
  // Nothing is ever written; a broken pipe means that the watchdog ended, which its exit event reports.
  owned(stdin);
  const said: string[] = [];
  const { promise, resolve, reject } = Promise.withResolvers<Outcome>();
  owned(createInterface({ input: stderr })).on('line', (line) => {
    if (said.length < 50) said.push(line);
    if (line.includes('database system is ready to accept connections')) resolve('ready');
    logLine(log, line);
  });
  child.once('error', reject);
  // `close` comes after the last line was read.
  child.once('close', (code, killedBy) => {
    if (code === watchdogExit.locked) resolve('locked');
    else if (code === watchdogExit.foreignSocketDir) resolve('foreign socket directory');
    else resolve({ failed: said.join('\n') || `exit ${code ?? killedBy}` });
  });
  const abort = (): void => void stdin.end();
  signal?.addEventListener('abort', abort, { once: true });
  try {
    return await promise;
  } finally {
    signal?.removeEventListener('abort', abort);
  }
}

/** Errors of a client's statement reach that client with more context than the server has, so here they are only debug messages. */
function logLine(log: Log, line: string): void {
  const [, backend, severity, text] = /^(.*?)\|(\w+): {2}(.*)$/.exec(line) ?? [];
  if (text === undefined) log.debug({ postgres: true }, line);
  else if (severity === 'WARNING') log.warn({ postgres: backend }, text);
  else if (severity === 'PANIC' || (severity !== 'LOG' && backend !== 'client backend')) log.error({ postgres: backend }, text);
  else log.debug({ postgres: backend }, text);
}
