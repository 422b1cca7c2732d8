import { pino, type Logger } from 'pino';

import { activeSpan } from './in-span.ts';
import { owned } from './owned.ts';

/** What rooms log with: any logger that writes facts and a sentence. */
export type Log = Pick<Logger, 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal'> & { child(facts: Record<string, unknown>): Log };

/**
 * Structured logs, one JSON object a line on standard error, so that standard output stays for what a command answers.
 * Values that could open a door are removed by name wherever they appear; signed URLs are cut at the query by the callers.
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

/** So much is kept for a reader of the log who does not come; beyond that lines are lost rather than the memory of the process. */
const mostKeptBytes = 8 << 20;
/** Lines of so long a time are written together: each write costs a way to the thread pool, more than the making of a line. */
const gatherMs = 10;
/** So long the end of the process waits for that reader. */
const lastWriteMs = 1_000;
let leavesAt = Number.POSITIVE_INFINITY;

/** Nothing is left to do but to write what was logged: from now on a reader who does not come is given up. */
export function endLog(): void {
  leavesAt = performance.now() + lastWriteMs;
}

/** Standard error, which neither grows without bounds nor holds up the end of the process when nobody reads it. */
function openStandardError(): ReturnType<typeof pino.destination> {
  let waitsSince: number | null = null;
  const stream = pino.destination({
    fd: 2,
    sync: false,
    minLength: 0,
    maxLength: mostKeptBytes,
    // Between two tries of a write beside other work the event loop turns; only at the end does one try follow the other.
    retryEAGAIN() {
      if (waitsSince === null) setImmediate(() => (waitsSince = null));
      waitsSince ??= performance.now();
      return performance.now() < Math.min(waitsSince + lastWriteMs, leavesAt);
    },
  });
  // A log on a full disk is no reason to end, and its last write would be tried for ever.
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
      // Nobody reads what could not be written; and there is nobody else to tell.
    }
  };
  return destination;
}

/** Where requests are traced, a line says which trace it belongs to. */
const traceOfLine = (): { traceId?: string } => {
  const span = activeSpan();
  return span === undefined ? {} : { traceId: span.traceId };
};
