import type { MediaRow } from '../assets/media-row.ts';
import { mayAct } from '../assets/access.ts';
import type { AssetContext, AssetSite } from '../assets/read-media.ts';
import { notFound } from '../lib/errors.ts';
import { entityOf, isWithinReach } from '../lib/reach.ts';
import type { Collections } from '../policy/collection.ts';

/** Collections in which a moderator has something to decide; in the others, the scope `media:review` alone gives access to nothing. */
export const gatedIn = (collections: Collections): string[] => [...collections.values()].filter(({ gate }) => gate === 'policy').map(({ name }) => name);

/** Answers `not_found` for media that are not subject to review, unless the caller may manage them. */
export function requireReviewable(
  ctx: Pick<AssetContext, 'actor'> & { site: Pick<AssetSite, 'collections'> },
  row: MediaRow | undefined,
): asserts row is MediaRow {
  if (row === undefined || !isWithinReach(ctx.actor, entityOf(row))) throw notFound('media');
  const isManaged = ctx.actor.scopes.has('media:manage') && mayAct(ctx.actor, row);
  if (ctx.site.collections.get(row.collection)?.gate !== 'policy' && !isManaged) throw notFound('media');
}
