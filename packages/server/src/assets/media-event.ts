import type { EventName, EventPayloads } from '@safelight/contract/events';

import type { MediaRow } from './media-row.ts';

type Addressed = Pick<MediaRow, 'id' | 'owner_id' | 'collection' | 'entity_type' | 'entity_id'>;

/** An event about an asset, addressed to those who may see it. */
export function mediaEvent<Name extends EventName>(row: Addressed, name: Name, payload: EventPayloads[Name], jobId: string | null = null) {
  return {
    name,
    ownerId: row.owner_id,
    collection: row.collection,
    entity: row.entity_type === null || row.entity_id === null ? null : { type: row.entity_type, id: row.entity_id },
    mediaId: row.id,
    jobId,
    payload,
  };
}
