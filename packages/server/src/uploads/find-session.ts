import { sql } from '#kysely';

import type { Actor } from '../lib/context.ts';
import { notFound } from '../lib/errors.ts';
import { isUuid } from '../lib/ids.ts';
import { entityOf, isWithinReach, isWritable } from '../lib/reach.ts';
import { uploadKey } from '../storage/object-key.ts';
import { findSessions, type FoundSession, type UploadSession } from './session-rows.ts';
import type { UploadContext } from './upload-context.ts';

export type SessionName = { uploadId?: string | undefined; objectPath?: string | undefined };

/** Finds the session that its owner or a manager names. For everybody else it does not exist, nor for a token that is not bound to its entity. */
export async function findOwnSession(ctx: UploadContext, name: SessionName, to: 'read' | 'continue' = 'continue'): Promise<FoundSession> {
  const { uploadId, objectPath } = name;
  const named = uploadId === undefined ? sql`true` : sql`upload_session.id = ${uploadId}`;
  // The object may have moved or be gone; the upload's path stays valid.
  const placed = objectPath === undefined ? sql`true` : sql`upload_session.asset_id = any(${assetIdsIn(objectPath)}::uuid[])`;
  if (uploadId === undefined && objectPath === undefined) throw notFound('upload');
  const sessions = await findSessions(ctx.site.db, sql`${named} and ${placed}`);
  const session = sessions.find((one) => objectPath === undefined || objectPathOf(ctx, one) === objectPath);
  if (session === undefined || !mayReach(ctx.actor, session, to)) throw notFound('upload');
  return session;
}

function mayReach(actor: Actor, session: UploadSession, to: 'read' | 'continue'): boolean {
  const entity = entityOf(session);
  if (!isWithinReach(actor, entity)) return false;
  if (actor.scopes.has('media:manage')) return true;
  return session.owner_id === actor.id && (to === 'read' || isWritable(actor, entity));
}

/** The path that was returned when the upload was opened. It identifies the upload for good, wherever its bytes are now. */
export const objectPathOf = (ctx: UploadContext, { collection, owner_id, asset_id, file_name }: UploadSession): string =>
  uploadKey(ctx.site.collections.get(collection)?.keyPrefix ?? 'media', owner_id, asset_id, file_name);

/** Never an empty list, which SQL does not allow. A path without an id names no upload. */
function assetIdsIn(objectPath: string): string[] {
  const ids = objectPath.split('/').filter(isUuid);
  if (ids.length === 0) throw notFound('upload');
  return ids;
}
