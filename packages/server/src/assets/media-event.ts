import type { EventName, EventPayloads } from '@safelight/contract/events';

import type { MediaRow } from './media-row.ts';
import { entityOf } from '../lib/reach.ts';

type Addressed = Pick<MediaRow, 'id' | 'owner_id' | 'collection' | 'entity_type' | 'entity_id'>;

/** An event about an asset, addressed to those who may see it. */
export function mediaEvent<Name extends EventName>(row: Addressed, name: Name, payload: EventPayloads[Name], jobId: string | null = null) {
  return {
    name,
    ownerId: row.owner_id,
    collection: row.collection,
    entity: entityOf(row),
    mediaId: row.id,
    jobId,
    payload,
  };
}
