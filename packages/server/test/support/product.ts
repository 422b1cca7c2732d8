import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';

const here = path.resolve(import.meta.dirname, '../../../..');

export type Command = 'start' | 'serve' | 'worker';
export type Exit = { code: number | null; signal: NodeJS.Signals | null };

/** The product as a user runs it: a separate process, known by its output, its exit code and its URL. */
export type Product = {
  /** Empty for a worker, which serves nothing. */
  url: string;
  /** The development token that it printed; empty when it printed none. */
  token: string;
  /** The id of the process, and of the group that it leads. */
  pid: number;
  exited: Promise<Exit>;
  /** Its whole output so far, log lines too. */
  output(): string;
  /** Asks it to stop and returns its exit. */
  stop(signal?: NodeJS.Signals): Promise<Exit>;
};

/** A product that ended before it was ready; `message` contains its output. */
class NotStarted extends Error {
  readonly exit: Exit;
  constructor(exit: Exit, output: string) {
    super(`The product ended with ${exit.code ?? exit.signal} before it was ready:\n${output}`);
    this.exit = exit;
  }
}

/** Nothing outlives the tests that started it, even if they are interrupted. */
const alive = new Set<number>();
process.once('exit', () => alive.forEach((pid) => signalGroup(pid, 'SIGKILL')));
for (const signal of ['SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(143));

/**
 * Starts one process of the product on a free port and returns once it is ready. It gets no environment variable of this process that configures the
 * product. `repository` is this one, or one of another release.
 */
export async function startProduct(
  command: Command,
  options: { dataDir: string; env?: Record<string, string>; npm?: true; repository?: string; args?: readonly string[] },
): Promise<Product> {
  const { repository = here } = options;
  const entry = path.join(repository, 'packages/server/src/bin/safelight.ts');
  const [file, args] =
    options.npm === true
      ? (['npm', ['run', command]] as const)
      : ([process.execPath, ['--conditions=safelight-source', entry, command, ...(options.args ?? [])]] as const);
  const child = spawn(file, args, {
    cwd: repository,
    env: {
      PATH: process.env['PATH'],
      HOME: process.env['HOME'],
      TMPDIR: process.env['TMPDIR'],
      PORT: '0',
      SAFELIGHT_LOG_LEVEL: 'warn',
      SAFELIGHT_DATA_DIR: options.dataDir,
      ...options.env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
    // Leads a process group of its own, like when a shell starts it, so that a test can signal the whole group.
    detached: true,
  });
  alive.add(child.pid ?? 0);
  child.once('exit', () => alive.delete(child.pid ?? 0));
  let output = '';
  const exited = once(child, 'exit').then(([code, signal]): Exit => ({ code: code as number | null, signal: signal as NodeJS.Signals | null }));
  const ready = new Promise<void>((resolve) => {
    // The marker is printed last, so that everything before it has been printed too.
    const isReady = command === 'worker' ? /worker is ready/ : /is ready at [\s\S]*(Development token|start a worker)/;
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text;
        if (isReady.test(output)) resolve();
      });
    }
  });
  const early = await Promise.race([ready, exited]);
  if (early !== undefined) throw new NotStarted(early, output);
  return {
    url: /is ready at (\S+)/.exec(output)?.[1] ?? '',
    token: /Development token: (\S+)/.exec(output)?.[1] ?? '',
    pid: child.pid ?? 0,
    exited,
    output: () => output,
    async stop(signal = 'SIGTERM') {
      child.kill(signal);
      return await exited;
    },
  };
}

/** Signals a whole process group, like a terminal; false if it is empty. */
export function signalGroup(leader: number, signal: NodeJS.Signals | 0): boolean {
  try {
    process.kill(-leader, signal);
    return true;
  } catch {
    return false;
  }
}
