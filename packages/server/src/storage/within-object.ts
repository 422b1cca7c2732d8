import { SafelightError } from '../lib/errors.ts';
import type { GetOptions } from './store.ts';

/** The part of the object that a range names; throws when the range begins past the end. */
export function withinObject(range: GetOptions['range'], bytes: number): { start: number; end: number } {
  if (range === undefined) return { start: 0, end: bytes - 1 };
  if (range.start < 0 || range.start >= bytes || range.end < range.start) {
    throw new SafelightError('invalid_request', `The range ${range.start}–${range.end} is not within the ${bytes} bytes of the object.`);
  }
  return { start: range.start, end: Math.min(range.end, bytes - 1) };
}
