import type { TrayMedia } from '@safelight/contract/collections';

import { sql } from '#kysely';

import type { AssetContext, AssetSite } from '../assets/read-media.ts';
import type { CollectionConfig } from '../policy/collection.ts';
import { entityOf, entityMatches, isWithinReach } from '../lib/reach.ts';
import { uploadKey } from '../storage/object-key.ts';
import { presumedKind } from '../uploads/complete-upload.ts';
import { renderUpload } from '../uploads/list-uploads.ts';
import type { UploadSession } from '../uploads/session-rows.ts';

/** Of more uploads than this, the rest appears once they are assets. */
const mostShown = 200;

/**
 * Open uploads to a place, for callers who may act on it. Direct uploads are left out: each ends with its request, and one that a crash cut would be
 * listed for hours.
 */
export async function readOpenUploads(
  { actor, site: { db, clock } }: Pick<AssetContext, 'actor'> & { site: Pick<AssetSite, 'db' | 'clock'> },
  place: { type: string; id: string; collection: CollectionConfig },
): Promise<UploadSession[]> {
  if (!actor.scopes.has('media:read') && !actor.scopes.has('media:write')) return [];
  if (!isWithinReach(actor, place)) return [];
  const seesAll = actor.scopes.has('media:manage') || (actor.entities !== undefined && entityMatches(actor.entities, place));
  // A literal, so that a prepared statement, too, is planned with the index of open uploads.
  return await db
    .selectFrom('upload_session')
    .selectAll()
    .where('state', '=', sql.lit('open' as const))
    .where('entity_type', '=', place.type)
    .where('entity_id', '=', place.id)
    .where('collection', '=', place.collection.name)
    .where('protocol', '<>', 'direct')
    .where('expires_at', '>', clock.now())
    .$if(!seesAll, (own) => own.where('owner_id', '=', actor.id))
    .orderBy('id')
    .limit(mostShown)
    .execute();
}

/** An upload as its future asset. `position` is where it goes unless something else was said. */
export function renderUploading(session: UploadSession, { kinds, keyPrefix }: Pick<CollectionConfig, 'kinds' | 'keyPrefix'>, position: number): TrayMedia {
  return {
    id: session.asset_id,
    collection: session.collection,
    entity: entityOf(session),
    ownerId: session.owner_id,
    kind: presumedKind(session, kinds),
    purpose: session.purpose,
    status: 'pending',
    review: 'not_required',
    published: false,
    originalFileName: session.file_name,
    path: uploadKey(keyPrefix, session.owner_id, session.asset_id, session.file_name),
    mimeType: session.content_type ?? 'application/octet-stream',
    byteSize: session.declared_bytes ?? session.received_bytes,
    width: null,
    height: null,
    durationMs: null,
    video: null,
    audio: null,
    processing: null,
    storyboard: null,
    hlsSrc: null,
    captions: [],
    altText: session.alt_text,
    focalPoint: null,
    sortOrder: session.sort_order ?? position,
    src: null,
    thumbnailSrc: null,
    blurDataURL: null,
    dominantColour: null,
    thumbHash: null,
    contents: null,
    digitalSource: null,
    generated: null,
    variants: {},
    srcSet: null,
    replaces: session.replaces,
    failure: null,
    reviewReason: null,
    createdAt: session.created_at.toISOString(),
    updatedAt: session.updated_at.toISOString(),
    deletedAt: null,
    undoUntil: null,
    version: 0,
    upload: renderUpload(session),
  };
}
