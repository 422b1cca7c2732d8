import type { GenerationModel } from '@safelight/contract/generation';
import type { OpenAI } from 'openai';

import { ProviderFailure, type GenerationRequest, type Generator, type Output } from '../generator.ts';
import { boundedFetch } from './bounded-fetch.ts';
import { failureOf } from './failure-of.ts';

export type OpenaiOptions = {
  /** `compatible`: another server that speaks the same protocol. */
  provider: 'openai' | 'compatible';
  apiKey: string;
  imageModels: readonly string[];
  timeoutMs: number;
  /** Elsewhere than the SDK and its own variables say. */
  baseURL?: string;
};

const mostBytes = 256 * 2 ** 20;
const sizes = ['1024x1024', '1536x1024', '1024x1536'];

/**
 * Pictures of OpenAI, or of a server that speaks its protocol: one request makes all of them. The SDK would send a paid request three
 * times, so its retries are off.
 */
export function openOpenaiGenerator({ provider, apiKey, imageModels, timeoutMs, baseURL }: OpenaiOptions): Generator {
  let opening: Promise<OpenAI> | undefined;
  // Loaded when it is first asked: most installations never do.
  const open = async (): Promise<OpenAI> =>
    await (opening ??= import('openai').then(
      (sdk) => new sdk.OpenAI({ apiKey, maxRetries: 0, timeout: timeoutMs, fetch: boundedFetch(mostBytes), ...(baseURL === undefined ? {} : { baseURL }) }),
    ));
  return {
    provider,
    isFree: false,
    takesMany: true,
    models: () => imageModels.map((model) => describe(provider, model)),
    async start(request, { signal }) {
      const client = await open();
      const answer = await (request.inputs.length === 0 ? create(client, provider, request, signal) : edit(client, provider, request, signal)).catch(
        (cause: unknown) => {
          throw failureOf(cause) ?? cause;
        },
      );
      return { state: 'done', outputs: outputsOf(answer), usage: { ...usageOf(answer) } };
    },
  };
}

const describe = (provider: 'openai' | 'compatible', model: string): GenerationModel => ({
  provider,
  model,
  kinds: ['image'],
  sizes: provider === 'openai' ? sizes : null,
  aspectRatios: [],
  durations: [],
  maxN: 10,
  seed: false,
  inputs: ['image', 'mask', 'reference'],
  progress: false,
  cancel: 'before_sending',
  available: true,
  reason: null,
  shutdownDate: null,
});

async function create(client: OpenAI, provider: OpenaiOptions['provider'], request: GenerationRequest, signal: AbortSignal): Promise<unknown> {
  const { format, background } = request;
  return await client.images.generate(
    { ...sharedOf(provider, request), ...(format === undefined ? {} : { output_format: format }), ...(isBackground(background) ? { background } : {}) },
    { signal },
  );
}

async function edit(client: OpenAI, provider: OpenaiOptions['provider'], request: GenerationRequest, signal: AbortSignal): Promise<unknown> {
  const { toFile } = await import('openai');
  const { format, background, inputs } = request;
  const file = async ({ bytes, mimeType }: GenerationRequest['inputs'][number]) =>
    await toFile(bytes, `input.${mimeType.split('/')[1] ?? 'png'}`, { type: mimeType });
  const images = await Promise.all(inputs.filter(({ role }) => role !== 'mask').map(file));
  const mask = inputs.find(({ role }) => role === 'mask');
  const [first] = images;
  if (first === undefined) throw new ProviderFailure('invalid_request', 'A mask needs an image.', { isBilled: false });
  return await client.images.edit(
    {
      ...sharedOf(provider, request),
      image: images.length === 1 ? first : images,
      ...(mask === undefined ? {} : { mask: await file(mask) }),
      ...(format === undefined ? {} : { output_format: format }),
      ...(isBackground(background) ? { background } : {}),
    },
    { signal },
  );
}

function sharedOf(provider: OpenaiOptions['provider'], { model, prompt, n, size, quality, ownerToken }: GenerationRequest) {
  return {
    model,
    prompt,
    n,
    ...(size === undefined ? {} : { size }),
    ...(isQuality(quality) ? { quality } : {}),
    ...(provider === 'openai' ? { safety_identifier: ownerToken } : { response_format: 'b64_json' as const }),
  };
}

const isBackground = (value: string | undefined): value is 'transparent' | 'opaque' | 'auto' =>
  value === 'transparent' || value === 'opaque' || value === 'auto';
const qualities = ['low', 'medium', 'high', 'auto', 'standard'] as const;
const isQuality = (value: string | undefined): value is (typeof qualities)[number] => qualities.some((quality) => quality === value);

const field = (value: unknown, name: string): unknown => (typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined);

/** A cut stream ends without an error, so that what is there is looked at and nothing is taken for granted. */
function outputsOf(answer: unknown): Output[] {
  const data = field(answer, 'data');
  if (!Array.isArray(data) || data.length === 0) throw nothing();
  return data.map((item: unknown): Output => {
    const text = field(item, 'b64_json');
    return typeof text === 'string' && text !== '' ? { bytes: Buffer.from(text, 'base64') } : { failure: nothing() };
  });
}

const nothing = (): ProviderFailure => new ProviderFailure('provider_failed', 'The provider answered without a picture.', { isBilled: true });

function usageOf(answer: unknown): object {
  const usage = field(answer, 'usage');
  return typeof usage === 'object' && usage !== null ? usage : {};
}
