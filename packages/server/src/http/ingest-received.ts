import type { Media } from '@safelight/contract/media';

import { reserveQuota } from '../policy/require-quota.ts';
import { ingestInline } from '../processing/ingest-inline.ts';
import type { ProcessingContext } from '../processing/processing-context.ts';
import { enqueueMirror } from '../uploads/enqueue-mirror.ts';
import { dropReceived, receivedEvents, sessionOf } from '../uploads/receive-file.ts';
import type { ReceivedFile } from '../uploads/received-file.ts';
import { registerAsset } from '../uploads/session-rows.ts';
import type { UploadContext } from '../uploads/upload-context.ts';

/** Makes received bytes a ready record while the caller waits. Two rooms meet here that must not know one another; when it fails, the bytes go. */
export async function ingestReceived(ctx: UploadContext & ProcessingContext, received: ReceivedFile): Promise<Media> {
  const { bytes, sha256, crc32, kind, mimeType, objectId, assetId, locator, plan } = received;
  try {
    return await ingestInline(ctx, {
      assetId,
      objectId,
      locator,
      kind,
      mimeType,
      collection: plan.collection,
      rules: plan.rules,
      register: async (tx) => {
        const source = { objectId, key: locator.key, bytes, sha256, crc32 };
        const row = await registerAsset(tx, { session: sessionOf(ctx, received), sessionState: 'complete', kind, mimeType, source });
        if (row === null) return null;
        await reserveQuota(tx, ctx.actor, ctx.ceilings, { bytes: 0, isWritten: true });
        await enqueueMirror(ctx, tx, received);
        return { row, events: receivedEvents(ctx, row, null) };
      },
    });
  } catch (error) {
    await dropReceived(ctx, received);
    throw error;
  }
}
