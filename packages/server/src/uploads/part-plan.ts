import { mostParts, mostPartsSigned } from '@safelight/contract/limits';

import type { Store } from '../storage/store.ts';

const mebibyte = 2 ** 20;
/** Large enough that requests do not dominate, small enough that resending a part is cheap. */
const usualPartBytes = 8 * mebibyte;
const signedForUnknownSize = 10;

/** The provider's limits; a store without multipart uploads sets none. */
export const partLimits = (store: Store): { minPartBytes: number; maxParts: number } =>
  store.capabilities.multipart ?? { minPartBytes: 1, maxParts: mostParts };

/** The size of every part but the last: equal for all, within the provider's limits, so that no upload needs more parts than allowed. */
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
