import { SafelightError } from '../lib/errors.ts';

/** The error of an attempt without a clear answer; another attempt follows. `what` completes a sentence about the reviewer. */
export const unclear = (what: string, cause?: unknown): SafelightError =>
  new SafelightError('unavailable', `The photo could not be reviewed: the reviewer ${what}. It is tried again.`, {
    ...(cause === undefined ? {} : { cause }),
    retryable: true,
  });

/** Translates a service's HTTP status; undefined when there was no answer at all. */
export function unclearByStatus(status: number | undefined, cause: unknown): SafelightError {
  if (status === 429)
    return new SafelightError('rate_limited', 'The photo could not be reviewed yet: the reviewer takes no more at the moment. It is tried again.', {
      cause,
      retryable: true,
    });
  return status === undefined ? unclear('cannot be reached', cause) : unclear(`answered ${status}`, cause);
}
