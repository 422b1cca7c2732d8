import type { JobId } from '../lib/ids.ts';
import type { JobLane, JobName, PayloadOf } from './definitions.ts';

/** The fields of a job besides its type and data. */
type JobFields = {
  /** Set when the id has to be known before; not together with `singletonKey`, whose job may exist already. */
  id?: JobId;
  /** The owner, who sees it and may cancel it. */
  ownerId: string;
  /** The lane, if not that of its definition. Long media belong to `long`. */
  lane?: JobLane;
  assetId?: string;
  uploadId?: string;
  collection?: string;
  entity?: { type: string; id: string } | undefined;
  /** The earliest start. */
  startAfter?: Date;
  /** While a job with this type and key is unfinished, no other is created and its id is returned. */
  singletonKey?: string;
  /**
   * Jobs of the same owner that arrive within this many seconds go first: work that nobody waits for yields to work that somebody does. 0 by default.
   */
  yieldSeconds?: number;
};

/** What to do (`type`), with the data for its handler (`data`). */
export type NewJob = { [Name in JobName]: JobFields & { type: Name; data: PayloadOf<Name> } }[JobName];
