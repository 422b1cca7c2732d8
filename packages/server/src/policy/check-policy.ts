import type { FieldProblem } from '@safelight/contract/errors';
import type { PolicyRules } from '@safelight/contract/media-rules';

import type { Ceilings } from './ceilings.ts';
import type { CollectionConfig } from './collection.ts';

/**
 * Finds problems between rules that are each valid: above the ceilings of the site, or contradicting one another or their collection. Returns every
 * problem; none when the rules are consistent.
 */
export function checkPolicy(rules: PolicyRules, collection: CollectionConfig, ceilings: Ceilings): FieldProblem[] {
  const problems: FieldProblem[] = [];
  const refuse = (field: keyof PolicyRules, message: string): void => void problems.push({ field, message });

  if (rules.maxBytes > ceilings.requestBytes) refuse('maxBytes', `at most ${ceilings.requestBytes}, the ceiling of this site`);
  if (rules.maxMegapixels !== null && rules.maxMegapixels * 1e6 > ceilings.pixels)
    refuse('maxMegapixels', `at most ${ceilings.pixels / 1e6}, the ceiling of this site`);
  if (rules.maxDurationMs !== null && rules.maxDurationMs > ceilings.durationMs)
    refuse('maxDurationMs', `at most ${ceilings.durationMs}, the ceiling of this site`);

  const { minWidth, minHeight, minAspectRatio, maxAspectRatio } = rules;
  const mostPixels = Math.min(ceilings.pixels, rules.maxMegapixels === null ? Number.POSITIVE_INFINITY : rules.maxMegapixels * 1e6);
  if (minAspectRatio !== null && maxAspectRatio !== null && minAspectRatio > maxAspectRatio)
    refuse('minAspectRatio', `at most maxAspectRatio, which is ${maxAspectRatio}: nothing could pass`);
  if ((minWidth ?? 1) * (minHeight ?? 1) > mostPixels)
    refuse(minWidth === null ? 'minHeight' : 'minWidth', `a picture of this size has more than the ${mostPixels / 1e6} megapixels allowed: nothing could pass`);

  for (const type of rules.acceptedTypes) {
    if (!isTaken(type, collection.kinds)) refuse('acceptedTypes', `${collection.name} takes ${collection.kinds.join(', ')}; ${type} is none of them`);
  }
  if (rules.photoReviewEnabled && collection.gate === 'none')
    refuse('photoReviewEnabled', `${collection.name} has no review gate; its configuration says gate: "none"`);
  return problems;
}

function isTaken(type: string, kinds: CollectionConfig['kinds']): boolean {
  if (kinds.includes('file')) return true;
  const family = type.split('/')[0];
  return kinds.some((kind) => kind === family);
}
