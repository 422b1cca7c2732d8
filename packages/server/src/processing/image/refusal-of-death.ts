import { SafelightError } from '../../lib/errors.ts';
import type { HowItEnded } from './decoder-process.ts';

const crashSignals = new Set<NodeJS.Signals>(['SIGSEGV', 'SIGBUS', 'SIGABRT', 'SIGILL', 'SIGFPE', 'SIGTRAP']);

/** A decoder that ended in the middle of a picture: by its own fault the file is to blame; killed from outside, it was most likely the system running out of memory. */
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
