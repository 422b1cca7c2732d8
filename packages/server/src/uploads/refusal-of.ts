import { isErrorCode } from '@safelight/contract/errors';

import { SafelightError } from '../lib/errors.ts';
import type { UploadSession } from './session-rows.ts';

/**
 * What an upload was refused with when its last byte had come and it was to be completed; null when that has not happened. An upload of
 * no bytes is not meant: to its protocol it is complete. Nor what its job found out, which is told after it was completed.
 */
export function refusalOf({ state, failure, declared_bytes: bytes }: Pick<UploadSession, 'state' | 'failure' | 'declared_bytes'>): SafelightError | null {
  if (state !== 'failed' || failure?.stage !== 'complete' || bytes === 0) return null;
  return new SafelightError(isErrorCode(failure.code) ? failure.code : 'gone', failure.message);
}
