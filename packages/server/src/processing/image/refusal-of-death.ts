import { SafelightError } from '../../lib/errors.ts';
import type { HowItEnded } from './decoder-process.ts';

const crashSignals = new Set<NodeJS.Signals>(['SIGSEGV', 'SIGBUS', 'SIGABRT', 'SIGILL', 'SIGFPE', 'SIGTRAP']);

/**
 * The refusal for a decoder that died during a picture: if it crashed, the file is to blame; if it was killed, the system most likely ran out of
 * memory.
 */
export function refusalOfDeath(how: HowItEnded): SafelightError {
  if (how.signal !== null && crashSignals.has(how.signal) && !/out of memory|allocate/i.test(how.lastWords)) {
    return new SafelightError('corrupt_media', 'The picture is damaged in a way that no decoder survives. Export or save it again and send the new file.', {
      context: how,
    });
  }
  return new SafelightError('resource_limit', 'The decoder of this picture was stopped before it finished. Send it at a smaller size or as an ordinary JPEG.', {
    context: how,
  });
}
