import { fork, type ChildProcess, type ForkOptions } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readSync } from 'node:fs';
import { Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import { owned } from '../../lib/owned.ts';
import { SafelightError } from '../../lib/errors.ts';
import type { ImageCapabilities } from './capabilities.ts';
import type { FromDecoder, ToDecoder } from './decoder-messages.ts';

/** One decoder process, as its parent sees it. */
export type DecoderProcess = {
  readonly pid: number;
  readonly capabilities: ImageCapabilities;
  send(message: ToDecoder): void;
  /** Sets the listener; null while idle. There is only one, so that none pile up on a long-lived decoder. */
  listen(listener: DecoderListener | null): void;
  /** Settles when the process has ended or was killed, with a description for messages. */
  readonly ended: Promise<HowItEnded>;
  readonly hasEnded: () => boolean;
  kill(): void;
  /** Only a busy process keeps the parent's event loop alive. */
  setBusy(isBusy: boolean): void;
};

export type DecoderListener = { message(message: FromDecoder): void; ended(how: HowItEnded): void };

export type HowItEnded = { signal: NodeJS.Signals | null; code: number | null; lastWords: string };

const isSource = import.meta.url.endsWith('.ts');

/** The entry beside this file, as source or built. */
const defaultEntry = new URL(isSource ? './decoder-child.ts' : './decoder-child.js', import.meta.url);

/**
 * The whole environment of a decoder. Two malloc arenas instead of eight per core halve its memory at no cost in speed; code that an earlier decoder
 * has compiled saves two thirds of the CPU of a start.
 */
function environment(): NodeJS.ProcessEnv {
  const { PATH, TMPDIR, TEMP, SystemRoot, LD_LIBRARY_PATH, NODE_COMPILE_CACHE } = process.env;
  const kept = Object.entries({ PATH, TMPDIR, TEMP, SystemRoot, LD_LIBRARY_PATH, NODE_COMPILE_CACHE }).filter(([, value]) => value !== undefined);
  return { ...Object.fromEntries(kept), MALLOC_ARENA_MAX: '2', VIPS_WARNING: '0', G_DEBUG: '', NODE_ENV: 'production' };
}

const forkOptions = (): ForkOptions => ({
  execArgv: [...(isSource ? ['--conditions=safelight-source'] : []), '--max-old-space-size=256', '--no-warnings'],
  env: environment(),
  serialization: 'advanced',
  // A process group of its own: Ctrl-C is for the parent, also while the decoder starts and cannot ignore it yet.
  detached: true,
  stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
});

/** Starts a decoder and waits until it is ready. Throws `internal` when it cannot start, `unavailable` when it was killed meanwhile. */
export async function startDecoder(entry: URL = defaultEntry): Promise<DecoderProcess> {
  const child = owned(fork(fileURLToPath(entry), forkOptions()));
  const lastWords = keepLastWords(child);
  // Not `once`, which would treat an error event as the end.
  const { promise: exited, resolve: hasExited } = Promise.withResolvers<HowItEnded>();
  child.once('close', (code, signal) => hasExited({ code, signal, lastWords: lastWords() }));
  const failedToStart = once(child, 'error').then(([cause]) =>
    Promise.reject(new SafelightError('internal', 'A decoder process could not be started.', { cause })),
  );
  failedToStart.catch(() => {});

  let hasEnded = false;
  let listener: DecoderListener | null = null;
  const ended = exited.then((how) => {
    hasEnded = true;
    listener?.ended(how);
    return how;
  });

  const { promise: ready, resolve } = Promise.withResolvers<ImageCapabilities>();
  child.on('message', (message: FromDecoder) => {
    if (message.type === 'ready') resolve(message.capabilities);
    else listener?.message(message);
  });
  const capabilities = await Promise.race([
    ready,
    failedToStart,
    ended.then((how) => {
      // Killed from outside, most likely because memory ran out: neither the picture nor the program is at fault.
      if (how.signal === 'SIGKILL')
        throw new SafelightError('unavailable', 'The picture cannot be decoded at this moment. Try again shortly.', { context: how });
      throw new SafelightError('internal', 'A decoder process ended before it could be used.', { context: how });
    }),
  ]);

  return {
    pid: child.pid ?? 0,
    capabilities,
    ended,
    hasEnded: () => hasEnded,
    listen: (newListener) => (listener = newListener),
    send: (message) => void (child.connected && child.send(message, () => {})),
    kill: () => void child.kill('SIGKILL'),
    setBusy(isBusy) {
      // The process, its channel and its stderr each keep the parent's event loop alive.
      const holders = [child, child.channel, child.stderr instanceof Socket ? child.stderr : null];
      for (const holder of holders) {
        if (isBusy) holder?.ref();
        else holder?.unref();
      }
    },
  };
}

/** The end of its stderr output, for the log. */
function keepLastWords(child: ChildProcess): () => string {
  let words = '';
  child.stderr?.setEncoding('utf8');
  child.stderr?.on('data', (text: string) => {
    words = (words + text).slice(-2000);
  });
  return () => words;
}

const statusBytes = Buffer.allocUnsafe(4096);

/**
 * Resident memory of a process where the system reports it (Linux); null elsewhere and for a process that is gone. It is called often during a
 * decode, so it reads synchronously (no disk is involved) and into the same few bytes.
 */
export function residentBytes(pid: number): number | null {
  let descriptor: number | null = null;
  try {
    descriptor = openSync(`/proc/${pid}/status`, 'r');
    const text = statusBytes.toString('latin1', 0, readSync(descriptor, statusBytes));
    const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(text)?.[1];
    return kilobytes === undefined ? null : Number(kilobytes) * 1024;
  } catch {
    return null;
  } finally {
    if (descriptor !== null) closeSync(descriptor);
  }
}
