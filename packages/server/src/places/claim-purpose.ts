import { sql, type RawBuilder } from '#kysely';

import type { MediaRow } from '../assets/media-row.ts';
import type { Tx } from '../lib/context.ts';
import { SafelightError } from '../lib/errors.ts';
import type { CollectionConfig } from '../policy/collection.ts';

/**
 * Checks that the collection has this purpose; if only one asset may have it, the previous one gives it up in the same transaction. Needs the lock on
 * the place.
 */
export async function claimPurpose(
  tx: Tx,
  row: Pick<MediaRow, 'id' | 'entity_type' | 'entity_id'>,
  purpose: string,
  collection: CollectionConfig,
): Promise<void> {
  if (!collection.purposes.includes(purpose)) {
    throw new SafelightError('invalid_request', `${collection.name} has no purpose "${purpose}"; it has ${collection.purposes.join(', ')}.`, {
      errors: [{ field: 'purpose', message: `one of ${collection.purposes.join(', ')}` }],
    });
  }
  await takeSinglePurpose(tx, row, purpose, collection, sql<boolean>`true`);
}

/**
 * The same for an upload with a purpose, once it is ready: until then, and if it never becomes ready, the previous asset keeps the purpose. Of
 * several uploads, the latest keeps it, in whichever order they become ready.
 */
export async function claimPurposeWhenReady(
  tx: Tx,
  row: Pick<MediaRow, 'id' | 'entity_type' | 'entity_id' | 'purpose'>,
  collection: CollectionConfig,
): Promise<void> {
  await takeSinglePurpose(tx, row, row.purpose, collection, sql<boolean>`(status = 'ready' or id < ${row.id})`);
}

async function takeSinglePurpose(
  tx: Tx,
  row: Pick<MediaRow, 'id' | 'entity_type' | 'entity_id'>,
  purpose: string,
  collection: CollectionConfig,
  from: RawBuilder<boolean>,
): Promise<void> {
  const [defaultPurpose] = collection.purposes;
  if (!collection.singlePurposes.includes(purpose) || row.entity_type === null || defaultPurpose === undefined) return;
  await tx
    .updateTable('asset')
    .set({ purpose: defaultPurpose, version: sql`version + 1`, updated_at: sql`now()` })
    .where('collection', '=', collection.name)
    .where('entity_type', '=', row.entity_type)
    .where('entity_id', '=', row.entity_id)
    .where('purpose', '=', purpose)
    .where('replaces', 'is', null)
    .where('id', '<>', row.id)
    .where(from)
    .execute();
}
