import type { Parts, Running } from '../compose.ts';
import { loadConfig, type Config } from '../config.ts';
import { unknownSettings } from '../config/unknown-settings.ts';
import { endLog, type Log } from '../lib/log.ts';
import type { Answer, Call } from './command.ts';
import { hearUncaught } from './hear-uncaught.ts';
import { leftByNpm } from './left-by-npm.ts';
import { limitGarbage } from './limit-garbage.ts';
import { mintToken } from './mint-token.ts';

/** A guarantee for service managers, which kill after a timeout. */
const longestStopMs = 9_000;

/** Runs the product in this process until it is told to stop, or an uncaught error occurs. */
export async function runServer(call: Call, parts: Parts): Promise<Answer> {
  limitGarbage();
  const config = await loadConfig(call.env, call.cwd);
  const { compose } = await import('../compose.ts');
  let log: Log | null = null;
  const uncaught = hearUncaught((error) => log?.error({ err: error }, 'nobody caught another error'));
  // Before it runs there is nothing to shut down; the database notices that we are gone.
  void uncaught.then(({ error }) => (log === null ? dieOf(error) : undefined));
  const stopped = aborted(call.signal);
  void stopped.then(() => endBy(longestStopMs, () => log));
  const running = await compose(config, parts, call.signal).catch((error: unknown) => {
    // What failed because it was ended is no failure.
    if (!call.signal.aborted) throw error;
    return null;
  });
  if (running === null) return stoppedEarly();
  ({ log } = running);
  for (const { name, meant } of unknownSettings(call.env))
    log.warn(`${name} is set, and there is no such setting. ${meant === null ? 'Remove it; docs/configuration.md lists them all.' : `Did you mean ${meant}?`}`);
  await announce(config, running, parts, call);
  const why = await Promise.race([stopped, leftByNpm(call.env), running.lost.then(() => 'lost' as const), uncaught]);
  if (why !== 'stop') endBy(longestStopMs, () => log);
  if (why === 'stop') running.log.info({ reason: reasonOf(call.signal) }, 'stopping');
  if (why === 'lost') running.log.fatal('the embedded database has ended; stopping');
  if (typeof why === 'string') await running.close();
  else {
    running.log.fatal({ err: why.error, jobId: why.jobId }, 'uncaught error; stopping');
    await running.close(why);
  }
  endLog();
  return { exitCode: why === 'stop' ? 0 : 1 };
}

const reasonOf = (signal: AbortSignal): string =>
  signal.reason instanceof Error ? signal.reason.message : 'The shell in which npm started this process is gone.';

/** Everything that was open has been closed. */
function stoppedEarly(): Answer {
  endLog();
  return { exitCode: 0 };
}

/** If something keeps the process alive after its shutdown, that is our fault, and nobody should have to wait for it. */
function endBy(ms: number, log: () => Log | null): void {
  setTimeout(() => {
    log()?.fatal({ open: process.getActiveResourcesInfo() }, 'stopping took too long; exiting with the rest unfinished');
    process.exit(1);
  }, ms).unref();
}

function dieOf(error: unknown): never {
  process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
  process.exit(1);
}

const aborted = (signal: AbortSignal): Promise<'stop'> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve('stop');
    signal.addEventListener('abort', () => resolve('stop'), { once: true });
  });

async function announce(config: Config, { url }: Running, parts: Parts, { terminal, signal }: Pick<Call, 'terminal' | 'signal'>): Promise<void> {
  const token = url === null ? null : await developmentToken(config);
  const consoleURL = url === null ? null : `${url}/console${token === null ? '' : `#token=${token}`}`;
  if (signal.aborted) return;
  if (terminal.json) return await terminal.write(`${JSON.stringify({ ready: true, ...parts, url, consoleURL, token })}\n`);
  if (url === null) return await terminal.write('Safelight worker is ready.\n');
  const lines = [`Safelight is ready at ${url}`, `Console: ${consoleURL}`];
  if (token !== null) lines.push(`API reference: ${url}/docs#token=${token}`, `Development token: ${token}`);
  else lines.push('Sign in to it with: safelight console');
  if (!parts.worker) lines.push('This process serves requests only; start a worker with: safelight worker');
  await terminal.write(`${lines.join('\n')}\n`);
}

/** A token with all rights: only in development, and only when no other machine can reach the server. */
async function developmentToken({ environment, host, jwt }: Config): Promise<string | null> {
  const { secret } = jwt;
  if (environment.base !== 'development' || !['127.0.0.1', '::1', 'localhost'].includes(host) || secret === null) return null;
  return await mintToken({ ...jwt, secret }, { sub: 'developer', scope: 'media:admin', expires: '30d' });
}
