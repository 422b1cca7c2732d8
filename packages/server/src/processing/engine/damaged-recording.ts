import { SafelightError } from '../../lib/errors.ts';

/**
 * The refusal of a damaged recording. `what` completes the sentence "The recording is damaged: ". `isUnread`: it may also be of a kind that is not
 * read here.
 */
export function damagedRecording(what: string, cause?: unknown, context?: { isUnread: true }): SafelightError {
  return new SafelightError('corrupt_media', `The recording is damaged: ${what}. Export or save it again and send the new file.`, {
    cause,
    ...(context === undefined ? {} : { context }),
  });
}
