import type { PolicyRules } from '@safelight/contract/media-rules';
import type { Media } from '@safelight/contract/media';

import { mediaEvent } from '../assets/media-event.ts';
import type { MediaRow } from '../assets/media-row.ts';
import { objectPathOf, renderMedia } from '../assets/render-media.ts';
import { emit } from '../events/emit.ts';
import type { NewEvent } from '../events/stored-event.ts';
import type { Tx } from '../lib/context.ts';
import { SafelightError } from '../lib/errors.ts';
import type { Kind } from '../lib/schema.ts';
import { transact } from '../lib/transact.ts';
import type { CollectionConfig } from '../policy/collection.ts';
import type { Locator } from '../storage/locator.ts';
import { makeFrom } from './make-from.ts';
import { applyRendered, readyEvents } from './apply-rendered.ts';
import type { ProcessingContext } from './processing-context.ts';
import { kinds } from './kinds.ts';
import type { Made } from './made.ts';
import { discardWritten } from '../storage/discard-written.ts';
import { isUnpreviewable, unlessUnpreviewable } from './unpreviewable.ts';

export type InlineSource = {
  assetId: string;
  objectId: string;
  locator: Locator;
  collection: CollectionConfig;
  rules: PolicyRules;
  kind: Kind;
  mimeType: string;
  /** Registers the bytes as an asset in the given transaction and returns the events; null when the upload was ended meanwhile. */
  register(tx: Tx): Promise<{ row: MediaRow; events: NewEvent[] } | null>;
  /** Runs in that transaction, with the record as it is answered. */
  keep?: ((tx: Tx, media: Media) => Promise<void>) | undefined;
};

/**
 * Answers with a ready record: objects first, the row last. The request waits for the decoder; if the database fails after the objects were made,
 * they are removed before the failure is reported.
 */
export async function ingestInline(ctx: ProcessingContext, source: InlineSource): Promise<Media> {
  const rendered = await render(ctx, source);
  let media: Media;
  try {
    media = await transact(ctx.site.db, async (tx) => {
      const registered = await source.register(tx);
      if (registered === null) throw new SafelightError('conflict', 'The upload was ended while its bytes were moving.');
      const { after, gated, placed } = await applyRendered(ctx, tx, registered.row, rendered, source.collection);
      const record = renderMedia(after, ctx.site.urls, 'own');
      const result = { url: record.src, path: objectPathOf(after.artifacts), media: record };
      await source.keep?.(tx, record);
      await emit(tx, [
        ...registered.events,
        mediaEvent(after, 'processing_started', {}),
        ...readyEvents(after, { gated, placed, wasPublished: false, result }),
      ]);
      return record;
    });
  } catch (error) {
    if (rendered !== null) await discardWritten(ctx, rendered.artifacts);
    throw error;
  }
  // The transaction has released the source if it is not kept; the sweeper removes such bytes in batches, so that nobody waits.
  return media;
}

async function render(ctx: ProcessingContext, source: InlineSource): Promise<Made | null> {
  const { collection, rules, assetId, mimeType } = source;
  const kind = kinds[source.kind];
  if (!kind.isMade(collection, mimeType) || isUnpreviewable(collection, { mimeType, bytes: null })) return null;
  return await unlessUnpreviewable(collection, rules, () =>
    makeFrom(ctx, source.kind, source.locator, { collection, rules, ownerId: ctx.actor.id, assetId, mimeType, focalPoint: null, digitalSource: null }),
  );
}
