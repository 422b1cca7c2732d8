import { generationProviders, type GenerateImage, type GenerateVideo, type GenerationModel } from '@safelight/contract/generation';

import type { GenerationSite } from './generation-context.ts';
import { SafelightError } from '../lib/errors.ts';
import { priceOf, type Prices } from './cost-of.ts';
import type { MadeModel } from './generator.ts';
import { shutdownDateOf } from './shutdown-dates.ts';

export type Wanted = ({ kind: 'image' } & GenerateImage) | ({ kind: 'video' } & GenerateVideo);

type Models = { site: Pick<GenerationSite, 'generators' | 'unavailableTypes' | 'generation'> };

/** Adds to a provider's description what this site knows of a model: its price and its shutdown date. */
function told(model: MadeModel, prices: Prices): GenerationModel {
  const price = priceOf(prices, model);
  return { ...model, price: price === undefined ? null : { ...price, currency: prices.currency }, shutdownDate: shutdownDateOf(model) };
}

/**
 * Every configured model, grouped by provider. If this machine cannot read videos, no video model is available: its result would be paid for and then
 * fail.
 */
export function listModels({
  site: {
    generators,
    unavailableTypes,
    generation: { prices },
  },
}: Models): GenerationModel[] {
  const reason = whyNoVideos(unavailableTypes);
  const all = generationProviders.flatMap((name) => generators[name]?.models() ?? []).map((model) => told(model, prices));
  return reason === null ? all : all.map((model) => (model.available && model.kinds.includes('video') ? { ...model, available: false, reason } : model));
}

const whyNoVideos = (unavailableTypes: GenerationSite['unavailableTypes']): string | null =>
  unavailableTypes.find(({ type }) => type === 'video/*' || type === 'video/mp4')?.reason ?? null;

const refuse = (field: string, message: string): never => {
  throw new SafelightError('invalid_request', `${field}: ${message}.`, { errors: [{ field, message }] });
};

/**
 * The model for a request. Throws `provider_disabled` when none is configured, `invalid_request` when this one is unknown, and `engine_missing` when
 * this machine could not process its videos.
 */
export function chooseModel(ctx: Models, wanted: Wanted): GenerationModel {
  const all = listModels(ctx).filter(({ kinds }) => kinds.includes(wanted.kind));
  const ofProvider = wanted.provider === undefined ? all : all.filter(({ provider }) => provider === wanted.provider);
  if (wanted.model !== undefined && ofProvider.length > 0 && !ofProvider.some(({ model }) => model === wanted.model))
    return refuse('model', `one of ${ofProvider.map(({ model }) => model).join(', ')}`);
  const named = wanted.model === undefined ? ofProvider : ofProvider.filter(({ model }) => model === wanted.model);
  const found = named.find(({ available }) => available);
  if (found !== undefined) return found;
  const reason = wanted.kind === 'video' ? whyNoVideos(ctx.site.unavailableTypes) : null;
  if (reason !== null && named.some((model) => model.reason === reason))
    throw new SafelightError('engine_missing', `Videos cannot be processed on this machine: ${reason}. Ask the operator to install ffmpeg.`);
  const who = wanted.provider === undefined ? 'No provider makes' : `The provider ${wanted.provider} makes no`;
  const others = [...new Set(all.flatMap(({ available, provider }) => (available ? [provider] : [])))];
  const instead = others.length === 0 ? 'Ask the operator to configure one' : `Use ${others.join(' or ')}`;
  throw new SafelightError('provider_disabled', `${who} ${wanted.kind}s here${named[0]?.reason ? `: ${named[0].reason}` : ''}. ${instead}.`);
}

/** Refuses parameters that the model does not support, by name, rather than ignoring them. */
export function checkParameters(model: GenerationModel, wanted: Wanted, settings: { maxImages: number; rehearses: boolean }): void {
  const { sizes, aspectRatios, resolutions, qualities, durations, inputs, provider } = model;
  const only = (values: readonly (string | number)[]): string => (values.length === 0 ? `${model.model} takes none` : `one of ${values.join(', ')}`);
  if (wanted.size !== undefined && wanted.aspectRatio !== undefined) refuse('aspectRatio', 'send either size or aspectRatio');
  if (wanted.size !== undefined && sizes !== null && !sizes.includes(wanted.size)) refuse('size', only(sizes));
  if (wanted.size !== undefined && pixelsOf(wanted.size) > mostPixels) refuse('size', `at most ${mostPixels / 1e6} megapixels`);
  if (wanted.aspectRatio !== undefined && !aspectRatios.includes(wanted.aspectRatio)) refuse('aspectRatio', only(aspectRatios));
  if (wanted.resolution !== undefined && !resolutions.includes(wanted.resolution)) refuse('resolution', only(resolutions));
  if (wanted.seed !== undefined && !model.seed) refuse('seed', `${model.model} takes none`);
  for (const { role } of wanted.inputs) if (!inputs.includes(role)) refuse('inputs', `roles: ${only(inputs)}`);
  if (wanted.kind === 'image') {
    if (wanted.quality !== undefined && !qualities.includes(wanted.quality)) refuse('quality', only(qualities));
    const most = Math.min(model.maxN, settings.maxImages);
    if (wanted.n > most) refuse('n', `1 to ${most}`);
    if (wanted.inputs.some(({ role }) => role === 'mask') && !wanted.inputs.some(({ role }) => role === 'image')) refuse('inputs', 'a mask needs an image');
  } else if (wanted.durationSeconds !== undefined && !durations.includes(wanted.durationSeconds)) refuse('durationSeconds', only(durations));
  for (const field of missingIn(wanted, takenBy[provider][wanted.kind])) refuse(field, `${provider} takes none`);
  if (wanted.providerOptions?.local !== undefined && (provider !== 'local' || !settings.rehearses))
    refuse('providerOptions', 'only for the provider local, outside production');
}

const mostPixels = 17e6;
const pixelsOf = (size: string): number => size.split('x').reduce((product, side) => product * Number(side), 1);

const optional = ['format', 'background', 'audio'] as const;
type OptionalField = (typeof optional)[number];
const missingIn = (wanted: Wanted, taken: readonly OptionalField[]): string[] =>
  optional.filter((field) => field in wanted && (wanted as Partial<Record<OptionalField, unknown>>)[field] !== undefined && !taken.includes(field));

/** Further parameters that each provider supports, beyond what its models describe. */
const takenBy: Record<GenerationModel['provider'], Record<'image' | 'video', readonly OptionalField[]>> = {
  openai: { image: ['format', 'background'], video: [] },
  gemini: { image: [], video: [] },
  compatible: { image: ['format'], video: [] },
  local: { image: [], video: [] },
};
