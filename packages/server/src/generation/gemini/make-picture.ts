import type { GenerateContentResponse, GoogleGenAI } from '@google/genai';

import type { Begun, GenerationRequest, Output } from '../generator.ts';
import { asCode, nothingCame, refused, usageIn } from '../provider-failures.ts';
import { failureOf } from './failure-of.ts';

/** The names of the provider's filters, for the prompt and at the end of an answer. */
const refusals = /^(?:IMAGE_)?(?:SAFETY|PROHIBITED_CONTENT|BLOCKLIST|SPII|RECITATION)$/;

/** One picture from one call. */
export async function makePicture(client: GoogleGenAI, request: GenerationRequest, signal: AbortSignal): Promise<Begun> {
  const { model, prompt, inputs, aspectRatio, resolution, seed, index } = request;
  const pictures = inputs.map(({ bytes, mimeType }) => ({ inlineData: { mimeType, data: bytes.toString('base64') } }));
  const imageConfig = { ...(aspectRatio === undefined ? {} : { aspectRatio }), ...(resolution === undefined ? {} : { imageSize: resolution }) };
  const answer = await client.models
    .generateContent({
      model,
      contents: [{ role: 'user', parts: [...pictures, { text: prompt }] }],
      config: {
        abortSignal: signal,
        responseModalities: ['IMAGE'],
        ...(Object.keys(imageConfig).length === 0 ? {} : { imageConfig }),
        // Each call makes one: the same seed would give the same picture.
        ...(seed === undefined ? {} : { seed: (seed + index) % 2 ** 31 }),
      },
    })
    .catch((cause: unknown) => {
      throw failureOf(cause, 'image') ?? cause;
    });
  return { state: 'done', outputs: [outputOf(answer)], usage: usageIn(answer, 'usageMetadata') };
}

function outputOf({ promptFeedback, candidates }: GenerateContentResponse): Output {
  if (promptFeedback?.blockReason !== undefined) return { failure: refused() };
  const [candidate] = candidates ?? [];
  // Pictures drawn as a part of its thinking are not the answer.
  const data = (candidate?.content?.parts ?? []).filter(({ thought }) => thought !== true).find(({ inlineData }) => inlineData?.data)?.inlineData?.data;
  if (data !== undefined) return { bytes: Buffer.from(data, 'base64') };
  const reason = candidate?.finishReason ?? 'none';
  return { failure: refusals.test(reason) ? refused() : nothingCame(`finished: ${asCode(reason)}`) };
}
