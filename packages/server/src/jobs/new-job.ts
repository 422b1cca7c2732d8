import type { JobType } from '@safelight/contract/jobs';

import type { JobLane } from './definitions.ts';

/** What is to be done, for whom and when, as it is put into the queue. */
export type NewJob = {
  type: JobType;
  /** Who sees it, and may cancel it. */
  ownerId: string;
  /** Where it waits; by default as its type says. Long media belongs to `long`. */
  lane?: JobLane;
  assetId?: string;
  uploadId?: string;
  collection?: string;
  entity?: { type: string; id: string } | undefined;
  /** What its handler needs, as JSON: ids, not records, for it may run much later. */
  data?: Record<string, unknown>;
  /** Not before then. */
  startAfter?: Date;
  /** While a job of this type and key is unfinished, no other is made and the id of that one is answered. */
  singletonKey?: string;
  /** Jobs of the same owner that come within so many seconds go before it; what nobody waits for yields to what somebody does. 0 by default. */
  yieldSeconds?: number;
};
