import type { Actor } from '../lib/context.ts';
import { notFound, SafelightError } from '../lib/errors.ts';
import type { Collections } from '../policy/collection.ts';
import { entityMatches } from '../policy/read-allowance.ts';
import type { MediaRow } from './media-row.ts';

type Owned = Pick<MediaRow, 'owner_id' | 'entity_type' | 'entity_id'>;

/** Whether this is the actor's own to act on: by ownership, by an entity pattern of the token, or because they manage anything. */
export function mayAct(actor: Actor, asset: Owned): boolean {
  if (actor.scopes.has('media:manage')) return true;
  if (actor.entities !== undefined && asset.entity_type !== null && asset.entity_id !== null) {
    return entityMatches(actor.entities, { type: asset.entity_type, id: asset.entity_id });
  }
  // Nobody in particular owns nothing.
  return actor.id !== '' && asset.owner_id === actor.id;
}

/** Whether the record may be read: one's own, or published in a collection that anybody may see. */
export function maySee(actor: Actor, asset: MediaRow, collections: Collections): boolean {
  if (mayAct(actor, asset)) return true;
  return asset.published && collections.get(asset.collection)?.visibility === 'public';
}

/** The row, if the actor may act on it; what they may not see answers as if it did not exist. */
export function requireOwn(actor: Actor, row: MediaRow | undefined, collections: Collections): MediaRow {
  if (row === undefined || !maySee(actor, row, collections)) throw notFound('media');
  if (!mayAct(actor, row)) throw new SafelightError('forbidden', 'This is not yours to change.');
  return row;
}

/** Compares the version a caller last saw with the one there is. */
export function requireVersion(row: Pick<MediaRow, 'version'>, ifMatch: string | undefined): void {
  if (ifMatch === undefined || ifMatch.trim() === '*') return;
  const wanted = ifMatch.split(',').map((etag) => etag.trim().replace(/^W\//, ''));
  if (!wanted.includes(versionETag(row))) {
    throw new SafelightError('precondition_failed', 'It was changed since you last read it. Read it again, and decide on what is there now.', {
      headers: { etag: versionETag(row) },
    });
  }
}

export const versionETag = (row: Pick<MediaRow, 'version'>): string => `"v${row.version}"`;
