import { pino, type Logger } from 'pino';

import { activeSpan } from './in-span.ts';
import { owned } from './owned.ts';

/** The log of the modules: any logger that writes fields and a sentence. */
export type Log = Pick<Logger, 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal'> & { child(facts: Record<string, unknown>): Log };

/**
 * Structured logs, one JSON object per line on standard error, so that standard output stays free for a command's answer. Secret values are removed
 * by name wherever they appear; callers cut signed URLs at the query.
 */
export function createLog(options: { level: string; name?: string }): Logger {
  return pino(
    {
      level: options.level,
      base: options.name === undefined ? {} : { name: options.name },
      timestamp: pino.stdTimeFunctions.isoTime,
      mixin: traceOfLine,
      formatters: { level: (label) => ({ level: label }) },
      redact: {
        paths: ['authorization', 'token', 'secret', 'password', 'cookie', 'headers.authorization', 'headers.cookie', '*.secret', '*.password'],
        censor: '[removed]',
      },
    },
    openStandardError(),
  );
}

/** How much is buffered for a reader of the log that stalls; beyond that, lines are dropped rather than filling the memory of the process. */
const mostKeptBytes = 8 << 20;
/** Lines of this period are written together: each write costs a round trip to the thread pool, more than formatting a line. */
const gatherMs = 10;
/** How long the process waits for that reader when it ends. */
const lastWriteMs = 1_000;
let leavesAt = Number.POSITIVE_INFINITY;

/** Nothing is left to do but write the log: from now on a stalled reader is given up. */
export function endLog(): void {
  leavesAt = performance.now() + lastWriteMs;
}

/** Standard error with bounded buffers, which does not delay the end of the process when nobody reads it. */
function openStandardError(): ReturnType<typeof pino.destination> {
  let waitsSince: number | null = null;
  const stream = pino.destination({
    fd: 2,
    sync: false,
    minLength: 0,
    maxLength: mostKeptBytes,
    // During normal work the event loop runs between two attempts at a write; only at the end do they follow each other directly.
    retryEAGAIN() {
      if (waitsSince === null) setImmediate(() => (waitsSince = null));
      waitsSince ??= performance.now();
      return performance.now() < Math.min(waitsSince + lastWriteMs, leavesAt);
    },
  });
  // A full disk under the log is no reason to end, and the last write would be retried for ever.
  const destination = owned(stream);
  let isBroken = false;
  destination.on('error', () => (isBroken = true)).on('write', () => (isBroken = false));
  const write = destination.write.bind(destination);
  let held = '';
  let soon: NodeJS.Timeout | undefined;
  const pass = (): void => {
    clearTimeout(soon);
    soon = undefined;
    if (held !== '') write(held);
    held = '';
  };
  destination.write = (line) => {
    held += line;
    soon ??= setTimeout(pass, gatherMs);
    return true;
  };
  const flush = destination.flushSync.bind(destination);
  destination.flushSync = () => {
    try {
      pass();
      if (!isBroken) flush();
    } catch {
      // What could not be written is lost, and there is nowhere else to report it.
    }
  };
  return destination;
}

/** Where requests are traced, each line names its trace. */
const traceOfLine = (): { traceId?: string } => {
  const span = activeSpan();
  return span === undefined ? {} : { traceId: span.traceId };
};
