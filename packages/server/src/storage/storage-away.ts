import { SafelightError, type ErrorExtras } from '../lib/errors.ts';

/**
 * A store that cannot do its work. `sentence` names buckets, directories and what the provider said, and what to do about it: for the
 * log and the operator's commands. People who upload or look at a photo learn that storage is away, and that trying again can help.
 */
export const storageAway = (sentence: string, extras: Omit<ErrorExtras, 'forOperator'> = {}): SafelightError =>
  new SafelightError('storage_unavailable', 'Storage cannot be reached, or does not work as it should at this moment. Try again in a moment.', {
    ...extras,
    forOperator: sentence,
  });
