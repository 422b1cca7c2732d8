import type { OpenAI } from 'openai';

import { ProviderFailure, type Begun, type GenerationRequest, type Output } from '../generator.ts';
import { field, nothingCame, usageIn } from '../provider-failures.ts';
import { failureOf } from './failure-of.ts';

export const qualities = ['low', 'medium', 'high', 'auto'] as const;

/** The extra parameters: OpenAI accepts a name for the owner; other servers have to be asked for bytes. */
type Extra = { safety_identifier: string } | { response_format: 'b64_json' };

/** All pictures of a request in one call: from text alone, or as an edit of pictures. */
export async function makePictures(client: OpenAI, request: GenerationRequest, extra: Extra, signal: AbortSignal): Promise<Begun> {
  const answer: unknown = await (request.inputs.length === 0 ? create(client, request, extra, signal) : edit(client, request, extra, signal)).catch(
    (cause: unknown) => {
      throw failureOf(cause) ?? cause;
    },
  );
  return { state: 'done', outputs: outputsOf(answer), usage: usageIn(answer, 'usage') };
}

async function create(client: OpenAI, request: GenerationRequest, extra: Extra, signal: AbortSignal): Promise<unknown> {
  return await client.images.generate({ ...sharedOf(request), ...extra }, { signal });
}

async function edit(client: OpenAI, request: GenerationRequest, extra: Extra, signal: AbortSignal): Promise<unknown> {
  const { toFile } = await import('openai');
  const file = async ({ bytes, mimeType }: GenerationRequest['inputs'][number]) =>
    await toFile(bytes, `input.${mimeType.split('/')[1] ?? 'png'}`, { type: mimeType });
  const images = await Promise.all(request.inputs.filter(({ role }) => role !== 'mask').map(file));
  const mask = request.inputs.find(({ role }) => role === 'mask');
  const [first] = images;
  if (first === undefined) throw new ProviderFailure('invalid_request', 'A mask needs an image.', { isBilled: false });
  return await client.images.edit(
    { ...sharedOf(request), ...extra, image: images.length === 1 ? first : images, ...(mask === undefined ? {} : { mask: await file(mask) }) },
    { signal },
  );
}

const sharedOf = ({ model, prompt, n, size, quality, format, background }: GenerationRequest) => ({
  model,
  prompt,
  n,
  ...(size === undefined ? {} : { size }),
  ...(isQuality(quality) ? { quality } : {}),
  ...(format === undefined ? {} : { output_format: format }),
  ...(isBackground(background) ? { background } : {}),
});

const isBackground = (value: string | undefined): value is 'transparent' | 'opaque' | 'auto' =>
  value === 'transparent' || value === 'opaque' || value === 'auto';
const isQuality = (value: string | undefined): value is (typeof qualities)[number] => qualities.some((quality) => quality === value);

/** A stream that was cut ends without an error, so the answer is validated. */
function outputsOf(answer: unknown): Output[] {
  const data = field(answer, 'data');
  if (!Array.isArray(data) || data.length === 0) throw nothingCame();
  return data.map((item: unknown): Output => {
    const [text, url] = [field(item, 'b64_json'), field(item, 'url')];
    if (typeof text === 'string' && text !== '') return { bytes: Buffer.from(text, 'base64') };
    return typeof url === 'string' && url !== '' ? { from: { url } } : { failure: nothingCame() };
  });
}
