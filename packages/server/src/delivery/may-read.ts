import type { Actor } from '../lib/context.ts';
import { entityMatches, entityOf, isBound, isWithinReach } from '../lib/reach.ts';
import type { CollectionConfig } from '../policy/collection.ts';

/** Why something may be read: anybody may; it is the reader's own; it was bought; the address is signed; or it may not. */
export type MayRead = 'open' | 'own' | 'grant' | 'signed' | 'preview' | 'no';

export type Owned = { owner_id: string; entity_type: string | null; entity_id: string | null };
/** What there is to read, as far as that decides who may. */
export type ReadableAsset = Owned & { published: boolean; deleted: boolean; visibility: CollectionConfig['visibility'] };

/**
 * How it is asked for. A `record` and an `asset` are named by their id, which anybody may know; an `artifact` by its opaque URL, which is
 * itself the key to what is unlisted, and to the public previews of what is sold.
 */
export type Asked = {
  as: 'record' | 'asset' | 'artifact';
  /** A signature that has been verified: of the preview of what is not published, or of a URL made for somebody. */
  signature?: 'preview' | 'signed' | null;
  /** Whether a valid grant names it. */
  granted?: boolean;
};

/**
 * The one place that decides who may read: every record and every byte that leaves is asked here. What is deleted is read by nobody but
 * whoever has bought it, for as long as it is kept; what was signed stays readable while it is hidden from others.
 */
export function mayRead(actor: Actor, asset: ReadableAsset, asked: Asked): MayRead {
  if (asset.deleted) return asked.granted === true ? 'grant' : 'no';
  const open = asset.published && opensTo(asset.visibility, asked.as);
  // Everybody gets the same bytes under an opaque URL, so caches may share them; a record and an asset show their owner more.
  if (open && asked.as === 'artifact') return 'open';
  if (isOwn(actor, asset)) return 'own';
  if (open) return 'open';
  if (asked.granted === true) return 'grant';
  if (asked.signature === 'signed' && asked.as !== 'record') return 'signed';
  if (asked.signature === 'preview' && asked.as === 'artifact') return 'preview';
  return 'no';
}

/**
 * Whether it is the reader's own: by ownership, by an entity pattern, or because they manage anything. A person's patterns bound their
 * writing only; those of an API key bound all that it reaches.
 */
export function isOwn(actor: Actor, asset: Owned): boolean {
  const entity = entityOf(asset);
  if (!isWithinReach(actor, entity)) return false;
  if (actor.scopes.has('media:manage') || isBound(actor)) return true;
  if (actor.entities !== undefined && entity !== null && entityMatches(actor.entities, entity)) return true;
  // Nobody in particular owns nothing.
  return actor.id !== '' && asset.owner_id === actor.id;
}

function opensTo(visibility: CollectionConfig['visibility'], as: Asked['as']): boolean {
  return visibility === 'public' || (as === 'artifact' && visibility !== 'owner');
}
