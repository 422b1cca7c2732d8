import { SafelightError } from '../lib/errors.ts';

/** The refusal of a damaged picture. `what` completes the sentence "The picture is damaged: ". */
export function corruptMedia(what: string, cause?: unknown): SafelightError {
  return new SafelightError('corrupt_media', `The picture is damaged: ${what}. Export or save it again and send the new file.`, { cause });
}
