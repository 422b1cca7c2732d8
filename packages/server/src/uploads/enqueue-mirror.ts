import { kindRules } from '../assets/kind-rules.ts';
import { enqueue } from '../jobs/enqueue.ts';
import type { Tx } from '../lib/context.ts';
import type { Kind } from '../lib/schema.ts';
import type { CollectionConfig } from '../policy/collection.ts';
import { storeName, type Locator } from '../storage/locator.ts';
import type { UploadContext } from './upload-context.ts';

/** Bytes on the staging store, and the facts that decide whether they are kept. */
export type Staged = { locator: Locator; collection: Pick<CollectionConfig, 'keepSource'>; kind: Kind };

/**
 * A direct upload lies on the staging store. If that is not the final store and the file itself is kept, this queues a job that moves it, in the
 * transaction that creates the asset. Processing need not wait for it, because it reads by the locator.
 */
export async function enqueueMirror(ctx: UploadContext, tx: Tx, staged: Staged, about: { ownerId: string; assetId: string }): Promise<void> {
  // When only outputs are kept, nothing of the upload stays.
  const stays = staged.collection.keepSource || kindRules[staged.kind].isItsOwnOutput;
  if (!stays || storeName(staged.locator) === storeName(ctx.site.stores.active('final'))) return;
  const { assetId } = about;
  await enqueue(tx, { ...about, type: 'mirror', data: { assetId }, singletonKey: assetId });
}
