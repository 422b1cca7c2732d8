import type { uploadListQuerySchema, Upload } from '@safelight/contract/uploads';
import type { z } from 'zod';

import { encodeCursor, idOfCursor } from '../lib/cursor.ts';
import { entityOf, withinReach } from '../lib/reach.ts';
import { findOwnSession } from './find-session.ts';
import type { UploadSession } from './session-rows.ts';
import type { UploadContext } from './upload-context.ts';

/** Uploads, newest first: the caller's own, or everybody's for a manager. */
export async function listUploads(
  ctx: UploadContext,
  query: z.output<typeof uploadListQuerySchema>,
): Promise<{ uploads: Upload[]; nextCursor: string | null }> {
  let select = ctx.site.db
    .selectFrom('upload_session')
    .selectAll()
    .where(withinReach(ctx.actor, 'upload_session'))
    .orderBy('id', 'desc')
    .limit(query.limit + 1);
  if (!ctx.actor.scopes.has('media:manage')) select = select.where('owner_id', '=', ctx.actor.id);
  if (query.state !== undefined) select = select.where('state', '=', query.state);
  if (query.cursor !== undefined) select = select.where('id', '<', idOfCursor(query.cursor));
  const rows = await select.execute();
  const page = rows.slice(0, query.limit);
  const last = page.at(-1);
  return { uploads: page.map(renderUpload), nextCursor: rows.length > query.limit && last !== undefined ? encodeCursor(last.id) : null };
}

export const readUpload = async (ctx: UploadContext, input: { uploadId: string }): Promise<Upload> => renderUpload(await findOwnSession(ctx, input, 'read'));

export function renderUpload(session: UploadSession): Upload {
  const isRegistered = session.state === 'finalizing' || session.state === 'complete' || session.job_id !== null;
  return {
    id: session.id,
    protocol: session.protocol,
    state: session.state,
    collection: session.collection,
    entity: entityOf(session),
    purpose: session.purpose,
    filename: session.file_name,
    contentType: session.content_type,
    byteSize: session.declared_bytes,
    offset: session.received_bytes,
    assetId: isRegistered ? session.asset_id : null,
    jobId: session.job_id,
    replaces: session.replaces,
    failure: session.failure === null ? null : { code: session.failure.code, message: session.failure.message },
    createdAt: session.created_at.toISOString(),
    expiresAt: session.expires_at.toISOString(),
  };
}
