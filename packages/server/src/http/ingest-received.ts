import type { Media } from '@safelight/contract/media';

import { renderMedia } from '../assets/render-media.ts';
import { ingestInline } from '../processing/ingest-inline.ts';
import type { Tx } from '../lib/context.ts';
import type { ProcessingContext } from '../processing/processing-context.ts';
import { arrive } from '../uploads/arrive.ts';
import { discardReceived } from '../uploads/discard-received.ts';
import { arrivingOf, receivedEvents } from '../uploads/receive-file.ts';
import { registeredAnyway } from '../uploads/registered-anyway.ts';
import type { ReceivedFile } from '../uploads/received-file.ts';
import type { UploadContext } from '../uploads/upload-context.ts';

/**
 * Turns received bytes into a ready record while the caller waits. It connects two modules that must not import each other; when it fails, the bytes
 * are discarded. `keep` runs in the transaction that creates the record.
 */
export async function ingestReceived(
  ctx: UploadContext & ProcessingContext,
  received: ReceivedFile,
  keep?: (tx: Tx, media: Media) => Promise<void>,
): Promise<Media> {
  const { assetId, objectId, locator, kind, mimeType, plan } = received;
  const { collection, rules } = plan;
  try {
    return await ingestInline(ctx, {
      assetId,
      objectId,
      locator,
      kind,
      mimeType,
      collection,
      rules,
      keep,
      register: async (tx) => {
        const arrived = await arrive(ctx, tx, { ...arrivingOf(ctx, received), next: null });
        return arrived === null ? null : { row: arrived.row, events: receivedEvents(ctx, arrived.row, null) };
      },
    });
  } catch (error) {
    await discardReceived(ctx, received);
    const made = await registeredAnyway(ctx, received, error);
    if (made === null) throw error;
    return renderMedia(made.row, ctx.site.urls, 'own');
  }
}
