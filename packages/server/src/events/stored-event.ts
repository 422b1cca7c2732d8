import type { EventName, EventPayloads } from '@safelight/contract/events';

/** An event to be emitted. `ownerId` is the owner whose events it belongs to: the events of one owner are totally ordered. */
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

/** An event with its cursor in a follower's stream. */
export type Followed = { readonly event: StoredEvent; readonly cursor: string };
