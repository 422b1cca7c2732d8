import { SafelightError } from '../../lib/errors.ts';

/** The refusal of a damaged recording. `what` goes on from "The recording is damaged: ". */
export function damagedRecording(what: string, cause?: unknown): SafelightError {
  return new SafelightError('corrupt_media', `The recording is damaged: ${what}. Export or save it again and send the new file.`, { cause });
}
