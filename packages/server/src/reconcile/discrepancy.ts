import type { Provider } from '../storage/locator.ts';

/**
 * How the ledger and a store can disagree.
 *
 *   missing_object   The ledger says `stored`, and there are no bytes.
 *   size_mismatch    The ledger says `stored`, and the object has another size.
 *   unknown_object   There is an object that the ledger does not name: somebody else put it there. It is only ever reported.
 *   stuck_writing    A writer's lease passed and nobody gave the object up, or nobody sweeps.
 *   stuck_deleting   An object is to go and has not, although nobody is at it, or removing it has failed several times.
 */
export const discrepancyClasses = ['missing_object', 'size_mismatch', 'unknown_object', 'stuck_writing', 'stuck_deleting'] as const;
export type DiscrepancyClass = (typeof discrepancyClasses)[number];

export type Discrepancy = {
  class: DiscrepancyClass;
  provider: Provider;
  location: string;
  key: string;
  /** Of the ledger row; null for an object that the ledger does not name, like the three below it. */
  objectId: string | null;
  assetId: string | null;
  role: string | null;
  expectedBytes: number | null;
  /** Null when there is no object, or when its size does not matter. */
  actualBytes: number | null;
  /** For a person: since when, after which error. */
  detail: string;
};
