import { createHash } from 'node:crypto';

import type { CollectionConfig, Watermark } from '../policy/collection.ts';

/** Goes up when the same rules make other bytes than before, so that reprocessing finds what was made by the older code. */
const renderVersion = 5;

/**
 * Names the rules that a picture's outputs are made by: as long as it is the same, the same source gives the same outputs. Which of
 * them are cropped around a focal point is part of it, where that point lies is not: moving it clears the fingerprint of the asset.
 */
export function renderFingerprint(image: NonNullable<CollectionConfig['image']>): string {
  // In an order of our own: how a configuration file happens to be written changes nothing.
  const outputs = image.outputs
    .map(({ role, maxSide, maxShare, format, quality, effort, animated, fit, aspectRatio, position }) =>
      JSON.stringify([
        role,
        maxSide,
        format,
        quality,
        effort ?? null,
        animated,
        fit,
        aspectRatio ?? null,
        position ?? null,
        ...(maxShare === undefined ? [] : [maxShare]),
      ]),
    )
    .toSorted();
  const facts = [
    image.blur,
    image.dominantColour,
    image.thumbHash,
    image.keepCopyright,
    ...(image.watermark === undefined ? [] : [watermarkFacts(image.watermark)]),
  ];
  return createHash('sha256')
    .update(JSON.stringify([renderVersion, outputs, facts]))
    .digest('base64url')
    .slice(0, 22);
}

const watermarkFacts = ({ text, imageAssetId, opacity, tile }: Watermark): unknown[] => [text ?? null, imageAssetId ?? null, opacity, tile];
