import type { Store } from '../storage/store.ts';

const mebibyte = 2 ** 20;
/** Large enough that requests do not dominate, small enough that a lost part is no loss. */
const usualPartBytes = 8 * mebibyte;
/** URLs signed in advance; further ones on demand. */
const mostSignedAtOnce = 1000;
const signedForUnknownSize = 10;

/** The size of every part but the last: equal for all, within what the provider takes, so that no upload needs more parts than allowed. */
export function choosePartBytes(store: Store, bytes: number): number {
  const { minPartBytes = 1, maxParts = 10_000 } = store.capabilities.multipart ?? {};
  const needed = Math.ceil(bytes / maxParts / mebibyte) * mebibyte;
  return Math.max(usualPartBytes, minPartBytes, needed);
}

/** The parts to sign when an upload opens. */
export function partNumbers(bytes: number | null, partBytes: number): number[] {
  const count = bytes === null ? signedForUnknownSize : Math.max(1, Math.ceil(bytes / partBytes));
  return Array.from({ length: Math.min(count, mostSignedAtOnce) }, (_, index) => index + 1);
}
