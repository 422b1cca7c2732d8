import type { Db } from '../lib/context.ts';
import { mayReach } from './find-session.ts';
import type { FoundSession } from './session-rows.ts';
import type { UploadContext } from './upload-context.ts';

/** An upload as it was opened, and the state of the rules that its size was checked by. */
export type OpenedHere = FoundSession & { ruled: string };

/** As many as come at once, and few enough that their metadata, of a few kilobytes each, take no memory to speak of. */
const mostRemembered = 200;
const remembered = new WeakMap<Db, Map<string, OpenedHere>>();

/**
 * Remembers a small upload that this process has just opened: most of them come as a whole in the next request, which then need not read the upload.
 * What is remembered may be outdated, so it only serves where a later statement checks that nobody has touched the upload since.
 */
export function rememberOpened(db: Db, session: OpenedHere): void {
  const known = remembered.get(db) ?? new Map<string, OpenedHere>();
  remembered.set(db, known.set(session.id, session));
  for (const id of known.keys()) {
    if (known.size <= mostRemembered) return;
    known.delete(id);
  }
}

/** Such an upload, once and for the first request only, if the caller may send its bytes. */
export function takeOpened(ctx: UploadContext, id: string): OpenedHere | null {
  const known = remembered.get(ctx.site.db);
  const session = known?.get(id);
  if (session === undefined || !mayReach(ctx.actor, session, 'continue')) return null;
  known?.delete(id);
  return session;
}
