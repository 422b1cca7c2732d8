import type { Actor } from '../lib/context.ts';
import { notFound } from '../lib/errors.ts';
import { isUuid } from '../lib/ids.ts';
import { entityMatches } from '../policy/read-allowance.ts';
import { uploadKey } from '../storage/object-key.ts';
import type { UploadSession } from './session-rows.ts';
import type { UploadContext } from './upload-context.ts';

export type SessionName = { uploadId?: string | undefined; objectPath?: string | undefined };

/** The session that its owner or a manager names. It binds its owner: to everybody else it does not exist, nor to a token that is not for its entity. */
export async function findOwnSession(ctx: UploadContext, name: SessionName): Promise<UploadSession> {
  const { uploadId, objectPath } = name;
  let query = ctx.db.selectFrom('upload_session').selectAll();
  if (uploadId !== undefined) query = query.where('id', '=', uploadId);
  // The object may have moved since, or be gone; what the path says of its upload stays true.
  if (objectPath !== undefined) query = query.where('asset_id', 'in', assetIdsIn(objectPath));
  const sessions = await query.execute();
  const session = sessions.find((one) => objectPath === undefined || objectPathOf(ctx, one) === objectPath);
  if (session === undefined || !mayContinue(ctx.actor, session)) throw notFound('upload');
  return session;
}

function mayContinue(actor: Actor, { owner_id, entity_type, entity_id }: UploadSession): boolean {
  if (actor.scopes.has('media:manage')) return true;
  const isWithinBounds =
    actor.entities === undefined || entity_type === null || entity_id === null || entityMatches(actor.entities, { type: entity_type, id: entity_id });
  return owner_id === actor.id && isWithinBounds;
}

/** The path that was answered when the upload was opened. It names the upload for good, wherever its bytes are by now. */
export const objectPathOf = (ctx: UploadContext, { collection, owner_id, asset_id, file_name }: UploadSession): string =>
  uploadKey(ctx.collections.get(collection)?.keyPrefix ?? 'media', owner_id, asset_id, file_name);

/** Never empty, as SQL has it: a path without an id names no upload. */
function assetIdsIn(objectPath: string): string[] {
  const ids = objectPath.split('/').filter(isUuid);
  if (ids.length === 0) throw notFound('upload');
  return ids;
}
