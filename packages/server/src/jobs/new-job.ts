import type { JobId } from '../lib/ids.ts';
import type { JobLane, JobName, PayloadOf } from './definitions.ts';

/** For whom and when something is to be done, as it is put into the queue. */
type JobFields = {
  /** Where somebody has to know it before; not together with `singletonKey`, whose job may be there already. */
  id?: JobId;
  /** The person who sees it and may cancel it. */
  ownerId: string;
  /** Where it waits; by default as its definition says. Long media belongs to `long`. */
  lane?: JobLane;
  assetId?: string;
  uploadId?: string;
  collection?: string;
  entity?: { type: string; id: string } | undefined;
  /** Not before then. */
  startAfter?: Date;
  /** While a job of this type and key is unfinished, no other is made and the id of that one is answered. */
  singletonKey?: string;
  /** Jobs of the same owner that come within so many seconds go before it; what nobody waits for yields to what somebody does. 0 by default. */
  yieldSeconds?: number;
};

/** What is to be done (`type`), with what its handler needs for it (`data`). */
export type NewJob = { [Name in JobName]: JobFields & { type: Name; data: PayloadOf<Name> } }[JobName];
