import { SafelightError } from '../lib/errors.ts';

/** There is no clear answer; another attempt follows. `what` finishes a sentence about the reviewer. */
export const unclear = (what: string, cause?: unknown): SafelightError =>
  new SafelightError('unavailable', `The photo could not be reviewed: the reviewer ${what}. It is tried again.`, {
    ...(cause === undefined ? {} : { cause }),
    retryable: true,
  });

/** The refusal of a service by its HTTP status, undefined when there was no answer at all. */
export function unclearByStatus(status: number | undefined, cause: unknown): SafelightError {
  if (status === 429)
    return new SafelightError('rate_limited', 'The photo could not be reviewed yet: the reviewer takes no more at the moment. It is tried again.', {
      cause,
      retryable: true,
    });
  return status === undefined ? unclear('cannot be reached', cause) : unclear(`answered ${status}`, cause);
}
