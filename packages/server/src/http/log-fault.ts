import { SafelightError } from '../lib/errors.ts';

export type LoggedFault = { type: string; code?: string; detail?: string; stack: string[]; cause?: LoggedFault };

/**
 * An error as the request log may record it: its kind, code and place. Not its message: those of a database, a parser or a router repeat what the
 * client sent, which may be a secret. Messages of our own errors are safe, and are logged when the fault is ours.
 */
export function logFault(error: unknown): LoggedFault {
  if (!(error instanceof Error)) return { type: typeof error, stack: [] };
  const code = 'code' in error && (typeof error.code === 'string' || typeof error.code === 'number') ? { code: String(error.code) } : {};
  return {
    type: error.name,
    ...code,
    ...(error instanceof SafelightError && error.status >= 500 ? { detail: error.detail, ...error.context } : {}),
    stack: (error.stack ?? '')
      .split('\n')
      .filter((line) => /^\s+at /.test(line))
      .map((line) => line.trim()),
    ...(error.cause === undefined ? {} : { cause: logFault(error.cause) }),
  };
}
