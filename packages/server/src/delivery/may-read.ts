import type { Actor } from '../lib/context.ts';
import { entityMatches, entityOf, isBound, isWithinReach } from '../lib/reach.ts';
import type { CollectionConfig } from '../policy/collection.ts';

/** Why something may be read: it is open to anybody; it is the reader's own; it was bought; the address is signed; or it may not be read. */
export type MayRead = 'open' | 'own' | 'grant' | 'signed' | 'preview' | 'no';

export type Owned = { owner_id: string; entity_type: string | null; entity_id: string | null };
/** The facts about an asset that decide who may read it. */
export type ReadableAsset = Owned & { published: boolean; deleted: boolean; visibility: CollectionConfig['visibility'] };

/**
 * How it is requested. A `record` and an `asset` are named by their id, which anybody may know; an `artifact` by its opaque URL, which is itself the
 * key to unlisted media, and to the public previews of sold ones.
 */
export type Asked = {
  as: 'record' | 'asset' | 'artifact';
  /** A verified signature: for the preview of unpublished media, or of a signed URL. */
  signature?: 'preview' | 'signed' | null;
  /** Whether a valid grant names it. */
  granted?: boolean;
};

/**
 * The one place that decides who may read: it is asked for every record and every byte that leaves. Deleted media are readable only by their buyers,
 * for as long as they are kept; a signed address stays readable while the asset is hidden from others.
 */
export function mayRead(actor: Actor, asset: ReadableAsset, asked: Asked): MayRead {
  if (asset.deleted) return asked.granted === true ? 'grant' : 'no';
  const open = asset.published && opensTo(asset.visibility, asked.as);
  // An opaque URL gives everybody the same bytes, so caches may share them; a record and an asset show their owner more.
  if (open && asked.as === 'artifact') return 'open';
  if (isOwn(actor, asset)) return 'own';
  if (open) return 'open';
  if (asked.granted === true) return 'grant';
  if (asked.signature === 'signed' && asked.as !== 'record') return 'signed';
  if (asked.signature === 'preview' && asked.as === 'artifact') return 'preview';
  return 'no';
}

/**
 * Whether it is the reader's own: by ownership, by an entity pattern, or as a manager. A person's patterns limit only their writing; those of an API
 * key limit all its access.
 */
export function isOwn(actor: Actor, asset: Owned): boolean {
  const entity = entityOf(asset);
  if (!isWithinReach(actor, entity)) return false;
  if (actor.scopes.has('media:manage') || isBound(actor)) return true;
  if (actor.entities !== undefined && entity !== null && entityMatches(actor.entities, entity)) return true;
  // The anonymous caller owns nothing.
  return actor.id !== '' && asset.owner_id === actor.id;
}

/** To whom published media open without a signature, a grant or ownership: to everybody, or to nobody. */
export function opensTo(visibility: CollectionConfig['visibility'], as: Asked['as']): boolean {
  return visibility === 'public' || (as === 'artifact' && visibility !== 'owner');
}
