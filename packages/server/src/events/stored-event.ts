import type { EventName, EventPayloads } from '@safelight/contract/events';

/** An event about to be told. `ownerId` is the owner whose events it belongs to: the events of one owner are totally ordered. */
export type NewEvent<Name extends EventName = EventName> = {
  name: Name;
  ownerId: string;
  collection?: string | null;
  entity?: { type: string; id: string } | null;
  jobId?: string | null;
  mediaId?: string | null;
  payload: EventPayloads[Name];
};

export type StoredEvent = {
  shard: number;
  seq: number;
  name: EventName;
  at: Date;
  ownerId: string;
  collection: string | null;
  entity: { type: string; id: string } | null;
  jobId: string | null;
  mediaId: string | null;
  payload: Record<string, unknown>;
};

/** An event as one position in the stream of somebody who follows. */
export type Followed = { readonly event: StoredEvent; readonly cursor: string };
