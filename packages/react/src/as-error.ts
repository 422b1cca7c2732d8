'use client';
import { SafelightProblem } from '@safelight/client';

/** Whatever was thrown, as the one kind of failure that components show. */
export function asError(error: unknown): SafelightProblem {
  if (error instanceof SafelightProblem) return error;
  const detail = error instanceof Error ? error.message : String(error);
  return new SafelightProblem({ code: 'internal', status: 0, title: 'Unexpected', detail }, { cause: error });
}
