import { SafelightError } from '../lib/errors.ts';
import type { CollectionConfig } from '../policy/collection.ts';
import type { Made, MakeInput, Remade, RemakeInput } from './made.ts';
import type { ProcessingContext } from './processing-context.ts';
import { renderArtifacts } from './render-artifacts.ts';
import { renderFingerprint } from './render-fingerprint.ts';

export const showsCovers = (collection: CollectionConfig): boolean => collection.keepSource && coverOf(collection).image !== null;

export const documentType = 'application/pdf';

/** Identifies the rules for covers; null when the collection shows none. */
export function coverFingerprint(collection: CollectionConfig): string | null {
  const { image } = coverOf(collection);
  return image === null || !collection.keepSource ? null : renderFingerprint(image);
}

/** Whether a document gets a picture of its first page: if pictures get a `preview` and the document itself is kept. */
export const hasCover = (collection: CollectionConfig, mimeType: string): boolean => mimeType === documentType && showsCovers(collection);

/**
 * Makes the first page of a document as `preview`, like that of a picture. A document that cannot be drawn (a password, damage, too large) is kept
 * without one.
 */
export async function makeCover(ctx: ProcessingContext, input: MakeInput): Promise<Made | null> {
  const drawn = await draw(ctx, input);
  return drawn === null ? null : { columns: drawn.columns, artifacts: drawn.artifacts, focalPoint: null };
}

/** Remakes it; one that comes out the same is not stored again, and one that cannot be drawn now stays as it was. */
export async function remakeCover(ctx: ProcessingContext, input: RemakeInput): Promise<Remade> {
  return (await draw(ctx, input)) ?? leftAsItIs(input);
}

export const leftAsItIs = ({ present, focalPoint }: Pick<RemakeInput, 'present' | 'focalPoint'>): Remade => ({
  columns: {},
  artifacts: [],
  same: present.map(({ role }) => role),
  focalPoint,
});

async function draw(ctx: ProcessingContext, input: MakeInput | RemakeInput): Promise<Remade | null> {
  try {
    const { facts, ...rendered } = await renderArtifacts(ctx, { ...input, collection: coverOf(input.collection), rules: null });
    return { ...rendered, columns: { blur_data_url: facts.blurDataURL, dominant_colour: facts.dominantColour, thumb_hash: facts.thumbHash } };
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
