import { randomBytes, randomUUIDv7 } from 'node:crypto';

import type { Db } from '../../src/lib/context.ts';
import { transact } from '../../src/lib/transact.ts';
import { bindArtifacts, releaseArtifacts, reserveObjects } from '../../src/storage/ledger.ts';
import { removeObjects, type RemovalContext } from '../../src/storage/remove-objects.ts';
import type { Store } from '../../src/storage/store.ts';

export type Artifact = { assetId: string; objectId: string; key: string; bytes: Buffer };

/** An asset with one artifact, written like by an upload: row, bytes, binding. */
export async function addArtifact(db: Db, store: Store, bytes = randomBytes(20_000)): Promise<Artifact> {
  const [assetId, objectId] = [randomUUIDv7(), randomUUIDv7()];
  const key = `media/ada/${assetId}/${objectId}/source.bin`;
  await db
    .insertInto('asset')
    .values({
      id: assetId,
      collection: 'listing.photos',
      owner_id: 'ada',
      kind: 'image',
      purpose: 'gallery',
      status: 'ready',
      original_file_name: 'a.bin',
      mime_type: 'image/webp',
      byte_size: bytes.length,
      sort_order: 0,
    })
    .execute();
  await reserveObjects(db, [
    { provider: store.provider, location: store.location, key, id: objectId, role: 'source', leaseUntil: new Date(Date.now() + 60_000) },
  ]);
  const stored = await store.put(key, bytes, { contentType: 'image/webp' });
  const artifact = { id: objectId, token: null, bytes: stored.bytes, sha256: stored.sha256, mimeType: 'image/webp', width: null, height: null };
  await transact(db, async (tx) => await bindArtifacts(tx, assetId, [artifact]));
  return { assetId, objectId, key, bytes };
}

/** Removes it like a deletion: rows in one transaction, then the bytes. */
export async function removeArtifacts(ctx: RemovalContext, assetId: string): Promise<void> {
  await transact(ctx.site.db, async (tx) => await releaseArtifacts(tx, assetId));
  await removeObjects(ctx);
}
