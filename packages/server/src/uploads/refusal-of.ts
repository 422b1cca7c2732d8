import { isErrorCode } from '@safelight/contract/errors';

import { SafelightError } from '../lib/errors.ts';
import type { UploadSession } from './session-rows.ts';

/**
 * The refusal that ended an upload when it was completed after its last byte; null when there was none. Excludes empty uploads, which are complete
 * for their protocol, and failures of the job, which are reported after completion.
 */
export function refusalOf({ state, failure, declared_bytes: bytes }: Pick<UploadSession, 'state' | 'failure' | 'declared_bytes'>): SafelightError | null {
  if (state !== 'failed' || failure?.stage !== 'complete' || bytes === 0) return null;
  return new SafelightError(isErrorCode(failure.code) ? failure.code : 'gone', failure.message);
}
