import { notFound } from '../lib/errors.ts';
import type { UploadSession } from './session-rows.ts';
import type { UploadContext } from './upload-context.ts';

export type SessionName = { uploadId?: string | undefined; objectPath?: string | undefined };

/** The session that its owner or a manager names. It binds its owner: to everybody else it does not exist. */
export async function findOwnSession(ctx: UploadContext, name: SessionName): Promise<UploadSession> {
  let query = ctx.db.selectFrom('upload_session').selectAll('upload_session');
  if (name.uploadId !== undefined) query = query.where('upload_session.id', '=', name.uploadId);
  if (name.objectPath !== undefined) query = query.innerJoin('object', 'object.id', 'upload_session.object_id').where('object.key', '=', name.objectPath);
  const session = await query.executeTakeFirst();
  if (session === undefined || (session.owner_id !== ctx.actor.id && !ctx.actor.scopes.has('media:manage'))) throw notFound('upload');
  return session;
}
