import { SafelightError } from '../lib/errors.ts';

export type LoggedFault = { type: string; code?: string; detail?: string; stack: string[]; cause?: LoggedFault };

/**
 * An error as the log of requests may know it: what kind, with which code, and where. Not its message: that of a database, a parser or a
 * router repeats what the client sent, which may be a secret. Ours are sentences of our own, told where the fault is ours.
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
