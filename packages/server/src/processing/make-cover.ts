import { SafelightError } from '../lib/errors.ts';
import type { CollectionConfig } from '../policy/collection.ts';
import type { Made, MakeInput } from './made.ts';
import type { ProcessingContext } from './processing-context.ts';
import { renderArtifacts } from './render-artifacts.ts';

export const showsCovers = (collection: CollectionConfig): boolean => collection.keepSource && coverOf(collection).image !== null;

/** Whether a document gets a picture of its first page: if pictures get a `preview` and the document itself is kept. */
export const hasCover = (collection: CollectionConfig, mimeType: string): boolean => mimeType === 'application/pdf' && showsCovers(collection);

/**
 * Makes the first page of a document as `preview`, like that of a picture. A document that cannot be drawn (a password, damage, too large) is kept
 * without one.
 */
export async function makeCover(ctx: ProcessingContext, input: MakeInput): Promise<Made | null> {
  try {
    const { facts, artifacts } = await renderArtifacts(ctx, { ...input, collection: coverOf(input.collection), rules: null });
    return { columns: { blur_data_url: facts.blurDataURL, dominant_colour: facts.dominantColour, thumb_hash: facts.thumbHash }, artifacts, focalPoint: null };
  } catch (error) {
    if (error instanceof SafelightError && undrawable.has(error.code)) return null;
    throw error;
  }
}

const undrawable: ReadonlySet<string> = new Set(['corrupt_media', 'resource_limit', 'too_many_pixels', 'unsupported_codec']);

/** The part of the collection that concerns covers: of all outputs, the preview. */
function coverOf(collection: CollectionConfig): CollectionConfig {
  const outputs = collection.image?.outputs.filter(({ role }) => role === 'preview') ?? [];
  return { ...collection, image: collection.image === null || outputs.length === 0 ? null : { ...collection.image, outputs } };
}
