import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { owned } from '../packages/server/src/lib/owned.ts';

export type StartedServer = { /** What it said when it was ready. */ ready: RegExpExecArray; stop: () => Promise<void> };

type Options = {
  cwd: string;
  env: NodeJS.ProcessEnv;
  /** The output, on either stream, that shows that it is ready. */
  saysReady: RegExp;
  withinSeconds: number;
  /** It starts child processes, which end with it. */
  isGroup?: boolean;
};

/** How long a server may take to end before it is killed. */
const patienceMs = 20_000;

/**
 * Starts a server and waits until it reports that it is ready. Its output is read to the end, because a process with a full pipe stalls. Throws with
 * all of its output if it ends before, or takes too long; then nothing of it is left. The caller stops it.
 */
export async function startServer(command: string, args: readonly string[], options: Options): Promise<StartedServer> {
  const { cwd, env, saysReady, withinSeconds, isGroup = false } = options;
  const child = owned(spawn(command, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'], detached: isGroup }));
  const ended = once(child, 'close').then(
    () => undefined,
    () => undefined,
  );
  const { promise, resolve } = Promise.withResolvers<RegExpExecArray | null>();
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    owned(stream.setEncoding('utf8')).on('data', (text: string) => {
      said += text;
      const ready = saysReady.exec(said);
      if (ready !== null) resolve(ready);
    });
  void ended.then(() => resolve(null));
  const tooLate = setTimeout(() => resolve(null), withinSeconds * 1000);
  const ready = await promise;
  clearTimeout(tooLate);
  const stop = async (): Promise<void> => await end(child, isGroup, ended);
  if (ready !== null) return { ready, stop };
  const isEnded = hasEnded(child);
  await stop();
  throw new Error(`${[command, ...args].join(' ')} ${isEnded ? 'ended before it was ready' : `was not ready within ${withinSeconds} s`}:\n${said}`);
}

const hasEnded = ({ exitCode, signalCode }: ChildProcess): boolean => exitCode !== null || signalCode !== null;

async function end(child: ChildProcess, isGroup: boolean, ended: Promise<void>): Promise<void> {
  const tell = (signal: NodeJS.Signals): void => {
    if (child.pid === undefined || hasEnded(child)) return;
    if (isGroup) process.kill(-child.pid, signal);
    else child.kill(signal);
  };
  tell(isGroup ? 'SIGINT' : 'SIGTERM');
  const tooLate = setTimeout(() => tell('SIGKILL'), patienceMs);
  await ended;
  clearTimeout(tooLate);
}
