import type { CollectionConfig } from '../policy/collection.ts';

/** Whether caches that others share may keep an answer, for how long anybody may, and whether it is worth asking again before. */
export type CacheRule = { shared: boolean; maxAgeSeconds: number; immutable: boolean };

/** What can be hidden by a review is asked for again soon; the rest may be kept a little longer. Both are asked for again at the origin. */
const gatedSeconds = 300;
const ungatedSeconds = 3600;
const yearSeconds = 365 * 86_400;

/**
 * How long what anybody may read is kept. The bytes under an artifact's URL never change, so only hiding ends it: where a CDN is
 * told of that, it keeps them for a year; elsewhere for as long as what was hidden may still be seen somewhere. The address of an
 * asset (`named: 'asset'`) shows another artifact one day, and no purge names it.
 */
export function cacheRule(
  { gate }: Pick<CollectionConfig, 'gate'>,
  { shared, named, purgesCdn }: { shared: boolean; named: 'artifact' | 'asset'; purgesCdn: boolean },
): CacheRule {
  if (shared && named === 'artifact' && purgesCdn) return { shared, maxAgeSeconds: yearSeconds, immutable: true };
  return { shared, maxAgeSeconds: gate === 'policy' ? gatedSeconds : ungatedSeconds, immutable: false };
}

/** The rule as `Cache-Control` says it. */
export const cacheControl = ({ shared, maxAgeSeconds, immutable }: CacheRule): string =>
  shared ? `public, max-age=${maxAgeSeconds}${immutable ? ', immutable' : ''}` : 'private, no-cache';
