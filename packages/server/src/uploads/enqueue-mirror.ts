import { enqueue } from '../jobs/enqueue.ts';
import type { Tx } from '../lib/context.ts';
import { storeName } from '../storage/locator.ts';
import type { ReceivedFile } from './received-file.ts';
import type { UploadContext } from './upload-context.ts';

/**
 * What came in directly lies on the staging store. Where that is not the final store and the file itself is kept, a job moves it there,
 * in the transaction that makes it an asset; processing need not wait for it, since it reads by the locator.
 */
export async function enqueueMirror(ctx: UploadContext, tx: Tx, received: ReceivedFile): Promise<void> {
  const { collection } = received.plan;
  // Of what is only rendered nothing of the upload stays.
  const stays = collection.keepSource || received.kind === 'file';
  if (!stays || storeName(received.locator) === storeName(ctx.stores.active('final'))) return;
  await enqueue(tx, {
    type: 'mirror',
    ownerId: ctx.actor.id,
    assetId: received.assetId,
    uploadId: received.uploadId,
    collection: collection.name,
    entity: received.plan.entity ?? undefined,
    data: { assetId: received.assetId },
    singletonKey: received.assetId,
  });
}
