import { SafelightError } from '../lib/errors.ts';
import { hasAlready, isMeantFor } from '../lib/etags.ts';

type Validators = { etag: string; modifiedAt: Date };

/**
 * Refuses a reader that wants only the bytes it knows, when these are others. By RFC 9110 §13.2.2 `If-Match` decides; only without it does the date.
 */
export function requireSameBytes(
  headers: { 'if-match'?: string | undefined; 'if-unmodified-since'?: string | undefined },
  { etag, modifiedAt }: Validators,
): void {
  const match = headers['if-match'];
  const since = headers['if-unmodified-since'];
  // An invalid date is no condition.
  if (match === undefined ? !(wholeSeconds(modifiedAt) > Date.parse(since ?? '')) : isMeantFor(match, etag)) return;
  throw new SafelightError(
    'precondition_failed',
    `The file has the ETag ${etag}, so the condition of this request does not hold. Request it again without If-Match and If-Unmodified-Since.`,
  );
}

/** Whether the reader already has these bytes (RFC 9110 §13.2.2): `If-None-Match` decides; only without it does the date. */
export function isNotModified(
  headers: { 'if-none-match'?: string | undefined; 'if-modified-since'?: string | undefined },
  { etag, modifiedAt }: Validators,
): boolean {
  const noneMatch = headers['if-none-match'];
  if (noneMatch !== undefined) return hasAlready(noneMatch, etag);
  const since = headers['if-modified-since'];
  return since !== undefined && wholeSeconds(modifiedAt) <= Date.parse(since);
}

/** Whether a range may be answered as one: the reader's earlier part is of the same bytes. */
export function rangeApplies(ifRange: string | undefined, { etag, modifiedAt }: Validators): boolean {
  if (ifRange === undefined) return true;
  if (ifRange.startsWith('"')) return ifRange.trim() === etag;
  return Date.parse(ifRange) === wholeSeconds(modifiedAt);
}

const wholeSeconds = (date: Date): number => Math.floor(date.getTime() / 1000) * 1000;
