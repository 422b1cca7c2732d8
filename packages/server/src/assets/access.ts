import { isOwn, mayRead, type MayRead, type Owned } from '../delivery/may-read.ts';
import type { Actor } from '../lib/context.ts';
import { notFound, SafelightError } from '../lib/errors.ts';
import { mayNotWrite } from '../policy/read-allowance.ts';
import { entityOf, isBound, isWithinReach, isWritable } from '../lib/reach.ts';
import type { Collections } from '../policy/collection.ts';
import type { MediaRow } from './media-row.ts';
import type { View } from './render-media.ts';
import { isMeantFor } from '../lib/etags.ts';

/** Whether the actor may change this asset: it is theirs to read, and within the patterns that limit their writing. */
export const mayAct = (actor: Actor, asset: Owned): boolean => isOwn(actor, asset) && isWritable(actor, entityOf(asset));

/** Why the actor may read the record, or that they may not. */
export const mayReadRecord = (actor: Actor, row: MediaRow, collections: Collections): MayRead =>
  mayRead(actor, { ...row, deleted: row.deleted_at !== null, visibility: collections.get(row.collection)?.visibility ?? 'owner' }, { as: 'record' });

/** How much of the record the actor is shown. */
export function viewOf(actor: Actor, row: MediaRow): View {
  if (isOwn(actor, row)) return 'own';
  return actor.id === '' || (isBound(actor) && !isWithinReach(actor, entityOf(row))) ? 'anybody' : 'known';
}

/** Returns the row if the actor may act on it; throws `not_found` for assets that they may not see. */
export function requireOwn(actor: Actor, row: MediaRow | undefined, collections: Collections): MediaRow {
  if (row === undefined || (!isOwn(actor, row) && mayReadRecord(actor, row, collections) === 'no')) throw notFound('media');
  if (!mayAct(actor, row)) throw mayNotChange(actor, row);
  return row;
}

function mayNotChange(actor: Actor, row: MediaRow): SafelightError {
  const entity = entityOf(row);
  if (isOwn(actor, row) && entity !== null) return mayNotWrite(entity);
  return new SafelightError('forbidden', 'You may see this, but only its owner or a manager may change it. Use the token of one of them.');
}

/** Compares the version that a caller last saw with the current one. */
export function requireVersion(row: Pick<MediaRow, 'version'>, ifMatch: string | undefined): void {
  if (isMeantFor(ifMatch, versionETag(row))) return;
  throw new SafelightError('precondition_failed', 'It was changed since you last read it. Read it again, and decide on what is there now.', {
    headers: { etag: versionETag(row) },
  });
}

export const versionETag = (row: Pick<MediaRow, 'version'>): string => `"v${row.version}"`;
