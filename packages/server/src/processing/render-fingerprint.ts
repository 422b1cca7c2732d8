import { createHash } from 'node:crypto';

import { kindRules } from '../assets/kind-rules.ts';
import { deliversSource, type CollectionConfig, type Watermark } from '../policy/collection.ts';

/** Increase it when the same rules give other bytes than before, so that reprocessing finds what older code made. */
const renderVersion = 5;
/** The same for recordings. */
export const recordingVersion = 4;

/**
 * Identifies the rules for a picture's outputs: while it is the same, the same source gives the same outputs. It includes which outputs are cropped
 * around a focal point but not where that point lies: moving the point clears the asset's fingerprint.
 */
export function renderFingerprint(image: NonNullable<CollectionConfig['image']>): string {
  // Sorted, so that the order in the configuration file does not matter.
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

/** The same for a recording, which has fewer outputs when it is sold and more when it is reviewed. */
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
