import { SafelightError, type ErrorExtras } from '../lib/errors.ts';

/**
 * The error of a store that cannot work. `sentence` names buckets, directories, the provider's message and the remedy: for the log and the operator's
 * commands. Clients only learn that storage is unavailable and that a retry may help.
 */
export const storageAway = (sentence: string, extras: Omit<ErrorExtras, 'forOperator'> = {}): SafelightError =>
  new SafelightError('storage_unavailable', 'Storage cannot be reached, or does not work as it should at this moment. Try again in a moment.', {
    ...extras,
    forOperator: sentence,
  });
