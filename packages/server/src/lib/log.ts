import { pino, type Logger } from 'pino';

import { activeSpan } from './in-span.ts';

/** What rooms log with: any logger that writes facts and a sentence. */
export type Log = Pick<Logger, 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal'> & { child(facts: Record<string, unknown>): Log };

/**
 * Structured logs, one JSON object a line on standard error, so that standard output stays for what a command answers.
 * Values that could open a door are removed by name wherever they appear; signed URLs are cut at the query by the callers.
 */
export function openLog(options: { level: string; name?: string }): Logger {
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
    pino.destination({ fd: 2, sync: false, minLength: 0 }),
  );
}

/** Where requests are traced, a line says which trace it belongs to. */
const traceOfLine = (): { traceId?: string } => {
  const span = activeSpan();
  return span === undefined ? {} : { traceId: span.traceId };
};
