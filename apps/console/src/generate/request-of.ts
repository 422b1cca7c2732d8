import type { ImageRequest, VideoRequest } from '@safelight/client';
import type { GenerationModel } from '@safelight/contract/generation';

export type Input = { mediaId: string; role: string; name: string };
/** What the form holds; an empty text is nothing said. */
export type Draft = {
  prompt: string;
  n: number;
  size: string;
  aspectRatio: string;
  resolution: string;
  quality: string;
  seconds: string;
  seed: string;
  inputs: readonly Input[];
};

export const emptyDraft: Draft = { prompt: '', n: 1, size: '', aspectRatio: '', resolution: '', quality: '', seconds: '', seed: '', inputs: [] };

export const kindOf = ({ kinds }: GenerationModel): 'image' | 'video' => (kinds.includes('video') ? 'video' : 'image');

/** Pictures, or seconds of video: what counts, and what is paid for. */
export const unitsOf = (model: GenerationModel, draft: Draft): number =>
  kindOf(model) === 'image' ? draft.n : Number(draft.seconds || (model.durations[0] ?? 0));

/** Only what the model takes and somebody chose: whatever else the form still holds of another model is left out. */
export function requestOf(model: GenerationModel, draft: Draft): ImageRequest & VideoRequest {
  const chosen = (value: string, among: readonly (string | number)[]): string | undefined => (among.map(String).includes(value) ? value : undefined);
  const size = model.sizes === null ? draft.size || undefined : chosen(draft.size, model.sizes);
  const seconds = chosen(draft.seconds, model.durations);
  const fields = {
    size,
    aspectRatio: size === undefined ? chosen(draft.aspectRatio, model.aspectRatios) : undefined,
    resolution: chosen(draft.resolution, model.resolutions),
    quality: chosen(draft.quality, model.qualities),
    durationSeconds: seconds === undefined ? undefined : Number(seconds),
    seed: model.seed && draft.seed !== '' ? Number(draft.seed) : undefined,
    n: kindOf(model) === 'image' ? Math.min(draft.n, model.maxN) : undefined,
  };
  const inputs = draft.inputs.filter(({ role }) => model.inputs.includes(role)).map(({ mediaId, role }) => ({ mediaId, role }));
  const said = Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
  // The model names the roles that it takes, which are those of its kind.
  return { prompt: draft.prompt, provider: model.provider, model: model.model, ...said, ...(inputs.length === 0 ? {} : { inputs }) } as ImageRequest &
    VideoRequest;
}
