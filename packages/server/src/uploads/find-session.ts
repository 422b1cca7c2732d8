import { sql } from '#kysely';

import type { Actor, Db } from '../lib/context.ts';
import { passesByItself } from '../lib/database.ts';
import { notFound } from '../lib/errors.ts';
import { groupCalls } from '../lib/group-calls.ts';
import { isUuid } from '../lib/ids.ts';
import { entityOf, isWithinReach, isWritable } from '../lib/reach.ts';
import { uploadKey } from '../storage/object-key.ts';
import { findSessions, type FoundSession, type UploadSession } from './session-rows.ts';
import type { UploadContext } from './upload-context.ts';

export type SessionName = { uploadId?: string | undefined; objectPath?: string | undefined };

/** Finds the session that its owner or a manager names. For everybody else it does not exist, nor for a token that is not bound to its entity. */
export async function findOwnSession(ctx: UploadContext, name: SessionName, to: 'read' | 'continue' = 'continue'): Promise<FoundSession> {
  const { uploadId, objectPath } = name;
  const session = objectPath === undefined ? await findById(ctx.site.db, uploadId) : await findByPath(ctx, objectPath, uploadId);
  if (session === null || !mayReach(ctx.actor, session, to)) throw notFound('upload');
  return session;
}

async function findById(db: Db, uploadId: string | undefined): Promise<FoundSession | null> {
  return uploadId === undefined ? null : await findTogether(db, uploadId);
}

const findTogether = groupCalls<Db, string, FoundSession | null>({
  run: async (db, ids) => {
    // `by` only tells the planner that they are few.
    const given = JSON.stringify(ids.map((id) => ({ id, by: 'id' })));
    const sessions = await findSessions(
      db,
      sql`upload_session.id in (select given.id from jsonb_to_recordset(${given}::jsonb) as given (id uuid, by text) where given.by = 'id')`,
    );
    return ids.map((id) => sessions.find((session) => session.id === id.toLowerCase()) ?? null);
  },
  failsForAll: passesByItself,
});

/** The object may have moved or be gone; the upload's path stays valid. */
async function findByPath(ctx: UploadContext, objectPath: string, uploadId: string | undefined): Promise<FoundSession | null> {
  const named = uploadId === undefined ? sql`true` : sql`upload_session.id = ${uploadId}`;
  const sessions = await findSessions(ctx.site.db, sql`${named} and upload_session.asset_id = any(${assetIdsIn(objectPath)}::uuid[])`);
  return sessions.find((one) => objectPathOf(ctx, one) === objectPath) ?? null;
}

export function mayReach(actor: Actor, session: UploadSession, to: 'read' | 'continue'): boolean {
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
