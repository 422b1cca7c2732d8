import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';

import { inChildSpan } from '../../lib/in-span.ts';
import { owned } from '../../lib/owned.ts';
import { SafelightError } from '../../lib/errors.ts';
import { residentBytes } from '../image/decoder-process.ts';
import { encoderCpus } from './encoder-cpus.ts';
import type { Engine } from './engine.ts';
import { hearProgress } from './hear-progress.ts';
import { wordsOf } from './words-of.ts';

export type EngineLimits = {
  /** Processor time in seconds. */
  cpuSeconds: number;
  /** The largest file that it may write. */
  fileBytes: number;
  /** Resident memory. */
  memoryBytes: number;
  /** How long it may report nothing; a minute unless told otherwise. */
  silentMs?: number;
};

export type EngineCall = {
  program: 'ffmpeg' | 'ffprobe';
  args: readonly string[];
  /** The working directory; all its input and output files lie there. */
  directory: string;
  limits: EngineLimits;
  signal: AbortSignal;
  /** Called with its standard output. */
  onData?: (chunk: Buffer) => void;
  /** Called with the number of seconds that are done. */
  onTime?: (seconds: number) => void;
};

export type EngineAnswer = { words: string; cpuMs: number };

/** The program exited with an error; `words` are the last lines of its messages. */
export class EngineRefusal extends Error {
  override readonly name = 'EngineRefusal';
  readonly words: string;
  constructor(words: string) {
    super(`ffmpeg ended without success: ${words.slice(-400)}`);
    this.words = words;
  }
}

const mostSilentMs = 60_000;
const watchEveryMs = 200;
const countEveryMs = 20;
const keptWords = 16_384;
/** Other work goes first, and yet this goes on where a machine never rests. */
const niceness = 10;
/** Programs that this process runs at the moment. */
let atWork = 0;
/** Four gibibytes; no honest file needs a larger address space. */
const addressSpaceBytes = 4 * 2 ** 30;

/**
 * Runs ffmpeg or ffprobe in its own process group and environment, without network where the system supports that, under limits of processor time,
 * memory, file size and silence. Whatever ends it early kills the whole group with SIGKILL: a file that it could still finish would look whole.
 * Resolves when it has succeeded and its group has ended.
 */
export async function runEngine(engine: Engine, asked: EngineCall): Promise<EngineAnswer> {
  atWork += 1;
  try {
    return await inChildSpan({ name: asked.program, kind: 'internal' }, async () => await runToItsEnd(engine, asked));
  } finally {
    atWork -= 1;
  }
}

async function runToItsEnd(engine: Engine, asked: EngineCall): Promise<EngineAnswer> {
  asked.signal.throwIfAborted();
  const call = { ...asked, limits: allowedTo(engine, asked.limits) };
  const [file, args] = commandOf(engine, call);
  const child = owned(
    spawn(file, args, {
      cwd: call.directory,
      env: { PATH: process.env['PATH'], MALLOC_ARENA_MAX: '2' },
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    }),
  );
  const { promise: ended, resolve } = Promise.withResolvers<{ code: number | null; signal: NodeJS.Signals | null; cause?: Error }>();
  child.once('close', (code, signal) => resolve({ code, signal }));
  child.once('error', (cause) => resolve({ code: null, signal: null, cause }));

  const early: { why?: Error } = {};
  const end = (why: Error): void => {
    early.why ??= why;
    killGroup(child.pid);
  };
  const onAbort = (): void => end(asError(call.signal.reason));
  call.signal.addEventListener('abort', onAbort, { once: true });
  if (call.signal.aborted) onAbort();
  const watch = watchProcess(child.pid ?? 0, call.limits, { isNice: engine.isNice, end });

  let words = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (words = (words + text).slice(-keptWords)));
  child.stdout?.on('data', (chunk: Buffer) => {
    watch.isAlive();
    call.onData?.(chunk);
  });
  hearProgress(child.stdio[3], (seconds) => {
    watch.isAlive();
    call.onTime?.(seconds);
  });
  try {
    const { code, signal, cause } = await ended;
    if (early.why !== undefined) throw early.why;
    if (cause !== undefined) throw new SafelightError('unavailable', 'The program that reads video and audio could not be started.', { cause });
    if (signal === 'SIGXCPU' || signal === 'SIGXFSZ' || (signal === 'SIGKILL' && watch.cpuMs() >= call.limits.cpuSeconds * 1000 - 1500))
      throw tooMuch('more time or room than it may have');
    if (signal !== null && fromOutside.has(signal)) throw passing(`ffmpeg was ended by ${signal} from outside, as it is when the machine lacks memory.`);
    if (signal !== null) throw new EngineRefusal(`${words}\nended by ${signal}`);
    if (/Cannot allocate memory|File too large/.test(words)) throw tooMuch('more memory or room than it may have');
    if (code !== 0) throw failureOf(words, call.directory);
    return { words, cpuMs: watch.cpuMs() };
  } finally {
    watch.stop();
    call.signal.removeEventListener('abort', onAbort);
    killGroup(child.pid);
  }
}

function commandOf(engine: Engine, { program, args, limits, directory }: EngineCall): [string, string[]] {
  const isWasm = engine.mode === 'wasm';
  const cpus = engine.leavesCpu ? encoderCpus() : null;
  // WebAssembly reserves an address space that it never uses.
  const space = isWasm ? [] : [`--as=${addressSpaceBytes}`];
  const prefix = [
    ...(engine.isNice ? ['nice', '-n', String(niceness)] : []),
    // As long as there is room for all of them beside those who answer.
    ...(cpus !== null && atWork * engine.threads <= cpus.count ? ['taskset', '-c', cpus.list] : []),
    ...(engine.sandbox === 'unshare' ? ['unshare', '-n'] : []),
    ...(engine.hasLimits ? ['prlimit', ...space, `--fsize=${limits.fileBytes}`, '--nofile=64', '--core=0', `--cpu=${Math.ceil(limits.cpuSeconds)}`] : []),
    // Nobody would stop the encoder of a worker that was killed. Last, because the system forgets it when the others change what they are.
    ...(engine.endsWithUs ? ['setpriv', '--pdeathsig', 'KILL'] : []),
  ];
  // The WebAssembly program reports its progress itself.
  const progress = program === 'ffmpeg' && !isWasm ? ['-progress', 'pipe:3', '-stats_period', '0.5'] : [];
  const [file = program, ...rest] = [...prefix, ...wordsOf(engine, program, directory), ...progress, ...args];
  return [file, rest];
}

/** WebAssembly takes nearly six times as long, and holds its inputs and outputs in memory. */
const allowedTo = ({ mode }: Engine, limits: EngineLimits): EngineLimits =>
  mode === 'native' ? limits : { ...limits, cpuSeconds: limits.cpuSeconds * 6, memoryBytes: limits.memoryBytes + 2 ** 29 };

/** Why it ended with an error: by the machine's fault, if that can be told, else by the file's. */
function failureOf(words: string, directory: string): Error {
  // They changed after they were read: nothing of the file was.
  if (words.startsWith('taskset: ')) return passing('ffmpeg could not be given processors: those of this process have just changed.');
  if (isDiskFull(words)) return passing(`The disk of ${directory} is full. Free some space, or set TMPDIR to another disk.`);
  return new EngineRefusal(words);
}

const tooMuch = (what: string): SafelightError =>
  new SafelightError('resource_limit', `Reading this recording takes ${what}. Send it shorter, smaller, or as an ordinary MP4.`);

/** A decoder that crashes on a file dies by other signals. */
const fromOutside: ReadonlySet<NodeJS.Signals> = new Set(['SIGKILL', 'SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT']);
const isDiskFull = (words: string): boolean => /no space left on device|disk quota exceeded/i.test(words);

/** The machine's fault and not the file's: tried again. */
const passing = (forOperator: string): SafelightError =>
  new SafelightError('unavailable', 'Video and audio cannot be processed at the moment. It is tried again by itself.', { forOperator });

/** The group may have ended already. */
function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

const asError = (reason: unknown): Error => (reason instanceof Error ? reason : new Error('the work was given up', { cause: reason }));

type Watch = { isAlive(): void; cpuMs(): number; stop(): void };

/** Ends a process that grows too large or is silent for a minute, and records its processor time while it can be read. */
function watchProcess(
  pid: number,
  { memoryBytes, silentMs = mostSilentMs }: EngineLimits,
  { isNice, end }: { isNice: boolean; end: (why: Error) => void },
): Watch {
  let isGroupNice = !isNice || makeGroupNice(pid);
  let cpuMs = 0;
  let [heardAt, heardCpuMs] = [performance.now(), 0];
  let countedAt = Number.NEGATIVE_INFINITY;
  const count = (): void => {
    countedAt = performance.now();
    cpuMs = Math.max(cpuMs, processorMs(pid) ?? 0);
  };
  const look = (): void => {
    count();
    isGroupNice ||= makeGroupNice(pid);
    if ((residentBytes(pid) ?? 0) > memoryBytes) end(tooMuch('more memory than it may have'));
    const [silence, worked] = [performance.now() - heardAt, cpuMs - heardCpuMs];
    // Neither asleep nor at work: on an overloaded machine it waits for its turn.
    const isWaiting = worked > silence / 100 && worked < silence / 2;
    if (silence > silentMs * (isWaiting ? 10 : 1)) end(tooMuch('too long: nothing happened for a minute'));
  };
  const timer = setInterval(look, watchEveryMs);
  return {
    isAlive() {
      heardAt = performance.now();
      // Its output comes in thousands of pieces, and reading the counters costs more than reading a piece.
      if (heardAt - countedAt > countEveryMs) count();
      heardCpuMs = cpuMs;
    },
    cpuMs: () => cpuMs,
    stop: () => clearInterval(timer),
  };
}

/**
 * Lowers the priority of a process's whole session: many a Linux divides the processor among sessions first (`sched_autogroup_enabled`), and `nice`
 * counts only within one. False when it has to be tried again: in a tenth of a second the system takes one such request of ordinary users.
 */
function makeGroupNice(pid: number): boolean {
  try {
    writeFileSync(`/proc/${pid}/autogroup`, String(niceness));
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'EAGAIN';
  }
  return true;
}

/** Processor time of a process where the system reports it (Linux, in hundredths of a second). */
function processorMs(pid: number): number | null {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ', 2)[1]?.split(' ') ?? [];
    return (Number(fields[11] ?? 0) + Number(fields[12] ?? 0)) * 10;
  } catch {
    return null;
  }
}
