import { mostParts, mostPartsSigned } from '@safelight/contract/limits';

import type { Store } from '../storage/store.ts';

const mebibyte = 2 ** 20;
/** Large enough that requests do not dominate, small enough that a lost part is no loss. */
const usualPartBytes = 8 * mebibyte;
const signedForUnknownSize = 10;

/** What the provider takes; a store without parts of its own asks for nothing. */
export const partLimits = (store: Store): { minPartBytes: number; maxParts: number } =>
  store.capabilities.multipart ?? { minPartBytes: 1, maxParts: mostParts };

/** The size of every part but the last: equal for all, within what the provider takes, so that no upload needs more parts than allowed. */
export function choosePartBytes(store: Store, bytes: number): number {
  const { minPartBytes, maxParts } = partLimits(store);
  const needed = Math.ceil(bytes / maxParts / mebibyte) * mebibyte;
  return Math.max(usualPartBytes, minPartBytes, needed);
}

/** The parts to sign when an upload opens. */
export function partNumbers(bytes: number | null, partBytes: number): number[] {
  const count = bytes === null ? signedForUnknownSize : Math.max(1, Math.ceil(bytes / partBytes));
  return Array.from({ length: Math.min(count, mostPartsSigned) }, (_, index) => index + 1);
}
