import { SafelightError } from '../lib/errors.ts';
import type { UploadedPart } from './store.ts';

export type NamedPart = Pick<UploadedPart, 'partNumber' | 'etag'>;

/** Checked here because providers differ in how they refuse these. */
export function assertPartNumber(partNumber: number, maxParts: number): void {
  if (Number.isInteger(partNumber) && partNumber >= 1 && partNumber <= maxParts) return;
  throw new SafelightError('invalid_request', `Part numbers run from 1 to ${maxParts}; ${partNumber} is not one of them.`);
}

/** A list of parts names each once, in ascending order, and at least one. */
export function assertPartList(parts: readonly NamedPart[], maxParts: number): void {
  if (parts.length === 0) throw new SafelightError('upload_incomplete', 'No part was named. Upload at least one part, then complete.');
  let last = 0;
  for (const { partNumber } of parts) {
    assertPartNumber(partNumber, maxParts);
    if (partNumber <= last) throw new SafelightError('invalid_request', `Part ${partNumber} is named out of order. Name each part once, in ascending order.`);
    last = partNumber;
  }
}

export const incompletePart = (partNumber: number, cause?: unknown): SafelightError =>
  new SafelightError('upload_incomplete', `Part ${partNumber} is missing or is not the one that was named. Upload it again, then complete.`, {
    cause,
    errors: [{ field: `parts/${partNumber}`, message: 'Missing, or its ETag is another one.' }],
  });

export const unknownUpload = (context: { key: string; uploadId: string }, cause?: unknown): SafelightError =>
  new SafelightError('upload_incomplete', 'This multipart upload is not known: it was aborted, has expired, or belongs to another key. Begin a new one.', {
    cause,
    context,
  });
