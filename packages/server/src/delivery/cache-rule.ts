import type { CollectionConfig } from '../policy/collection.ts';

/** Whether shared caches may keep an answer, for how long any cache may, and whether it should revalidate within that time. */
export type CacheRule = { shared: boolean; maxAgeSeconds: number; immutable: boolean };

/** Media that a review may hide are revalidated soon; others may be kept a little longer. Both revalidate at the origin. */
const gatedSeconds = 300;
const ungatedSeconds = 3600;
const yearSeconds = 365 * 86_400;

/**
 * How long public answers are cached. The bytes under an artifact's URL never change, so only hiding ends them: if a CDN is told of that, it keeps
 * them for a year; otherwise they are kept for as long as hidden media may still be visible somewhere. The address of an asset (`named: 'asset'`)
 * shows another artifact one day, and no purge names it.
 */
export function cacheRule(
  { gate }: Pick<CollectionConfig, 'gate'>,
  { shared, named, purgesCdn }: { shared: boolean; named: 'artifact' | 'asset'; purgesCdn: boolean },
): CacheRule {
  if (shared && named === 'artifact' && purgesCdn) return { shared, maxAgeSeconds: yearSeconds, immutable: true };
  return { shared, maxAgeSeconds: gate === 'policy' ? gatedSeconds : ungatedSeconds, immutable: false };
}

/** The rule as a `Cache-Control` header. */
export const cacheControl = ({ shared, maxAgeSeconds, immutable }: CacheRule): string =>
  shared ? `public, max-age=${maxAgeSeconds}${immutable ? ', immutable' : ''}` : 'private, no-cache';
