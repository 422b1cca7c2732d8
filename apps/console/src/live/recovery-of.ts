import { SafelightProblem } from '@safelight/client';

const retryMs = 3_000;

/** How soon what could not be read because the server cannot be reached is read again; false where that is not what is wrong. */
export function recoveryOf({ state: { error } }: { state: { error: unknown } }): number | false {
  return error instanceof SafelightProblem && (error.code === 'network_error' || error.code === 'unavailable') && retryMs;
}
