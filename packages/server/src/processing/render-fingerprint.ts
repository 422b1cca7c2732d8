import { createHash } from 'node:crypto';

import { kindRules } from '../assets/kind-rules.ts';
import { deliversSource, type CollectionConfig, type Watermark } from '../policy/collection.ts';

/** Goes up when the same rules make other bytes than before, so that reprocessing finds what was made by the older code. */
const renderVersion = 5;
/** The same for recordings. */
export const recordingVersion = 2;

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
  return named([renderVersion, outputs, facts]);
}

/** The same for a recording, of which less is made where it is sold, and more where somebody reviews it. */
export function recordingFingerprint(kind: 'video' | 'audio', collection: Pick<CollectionConfig, 'video' | 'audio' | 'visibility' | 'gate'>): string {
  const { outputs, ...rules } = collection[kind];
  const settings = Object.entries(rules).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return named([
    recordingVersion,
    kind,
    outputs.toSorted((a, b) => (a < b ? -1 : 1)),
    settings,
    deliversSource(collection),
    kindRules[kind].reviewed && collection.gate === 'policy',
  ]);
}

const named = (facts: unknown): string => createHash('sha256').update(JSON.stringify(facts)).digest('base64url').slice(0, 22);

const watermarkFacts = ({ text, imageAssetId, opacity, tile }: Watermark): unknown[] => [text ?? null, imageAssetId ?? null, opacity, tile];
