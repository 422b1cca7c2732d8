import type { MediaRow } from '../assets/media-row.ts';
import { mayAct } from '../assets/access.ts';
import type { AssetContext, AssetSite } from '../assets/read-media.ts';
import { notFound } from '../lib/errors.ts';
import { entityOf, isWithinReach } from '../lib/reach.ts';
import type { Collections } from '../policy/collection.ts';

/** Collections of which a moderator has something to decide; of the others there is nothing here for the scope `media:review` alone. */
export const gatedIn = (collections: Collections): string[] => [...collections.values()].filter(({ gate }) => gate === 'policy').map(({ name }) => name);

/** Refuses, as if it were not there, what no review is asked about, unless it is the caller's own to manage. */
export function requireReviewable(
  ctx: Pick<AssetContext, 'actor'> & { site: Pick<AssetSite, 'collections'> },
  row: MediaRow | undefined,
): asserts row is MediaRow {
  if (row === undefined || !isWithinReach(ctx.actor, entityOf(row))) throw notFound('media');
  const isManaged = ctx.actor.scopes.has('media:manage') && mayAct(ctx.actor, row);
  if (ctx.site.collections.get(row.collection)?.gate !== 'policy' && !isManaged) throw notFound('media');
}
