import type { ImageFacts } from './image-rules.ts';
import type { Made, MakeInput, Remade } from './made.ts';
import type { ProcessingContext } from './processing-context.ts';
import { renderArtifacts, type RenderInput } from './render-artifacts.ts';

export async function makeImage(ctx: ProcessingContext, input: MakeInput): Promise<Made> {
  const { facts, artifacts, focalPoint } = await renderArtifacts(ctx, input);
  return { columns: factColumns(facts), artifacts, focalPoint };
}

/** Remakes them; identical outputs are not stored again. */
export async function remakeImage(ctx: ProcessingContext, input: RenderInput): Promise<Remade> {
  const { facts, ...rendered } = await renderArtifacts(ctx, input);
  return { ...rendered, columns: factColumns(facts) };
}

/** The facts from rendering a picture, as columns. */
const factColumns = ({ width, height, blurDataURL, dominantColour, thumbHash, digitalSource }: ImageFacts) => ({
  width,
  height,
  blur_data_url: blurDataURL,
  dominant_colour: dominantColour,
  thumb_hash: thumbHash,
  digital_source: digitalSource,
});
