import sharp from 'sharp';

import { compatibleStub } from '../../test/support/compatible-stub.ts';
import { answerPicture, geminiStub } from '../../test/support/gemini-stub.ts';
import { generatorConformance, type Provider } from '../../test/support/generator-conformance.ts';
import { answerPictures, openaiStub } from '../../test/support/openai-stub.ts';
import { answerJson, type Seen } from '../../test/support/provider-stub.ts';
import { createCompatibleGenerator } from './openai/create-compatible-generator.ts';
import { createGeminiGenerator } from './gemini/create-gemini-generator.ts';
import type { GenerationRequest } from './generator.ts';
import { createOpenaiGenerator } from './openai/create-openai-generator.ts';

const png = await sharp({ create: { width: 8, height: 6, channels: 3, background: '#224466' } })
  .png()
  .toBuffer();
/** Enough of an MP4 to be recognised. */
const mp4 = Buffer.concat([Buffer.from([0, 0, 0, 24]), Buffer.from('ftypisom\0\0\x02\0isommp41'), Buffer.from([0, 0, 0, 8]), Buffer.from('mdat')]);

/** Small, so that an endless answer reaches it soon. */
const mostBytes = 1 << 20;

const request = (kind: 'image' | 'video', model: string, n: number): GenerationRequest => ({
  kind,
  model,
  prompt: 'a lamp in a darkroom',
  n,
  index: 0,
  inputs: [],
  ownerToken: 'nobody',
});
const openaiWords: Provider['says'] = {
  refusal: answerJson(400, { error: { code: 'moderation_blocked', message: 'no' } }),
  budget: answerJson(429, { error: { code: 'insufficient_quota', message: 'no' } }),
  busyFor7Seconds: answerJson(429, { error: { code: 'rate_limit_exceeded', message: 'no' } }, { 'retry-after': '7' }),
  overloaded: answerJson(503, { error: { code: 'overloaded', message: 'no' } }),
  wrongKey: answerJson(401, { error: { code: 'invalid_api_key', message: 'no' } }),
};
const post =
  (path: RegExp) =>
  ({ method, path: asked }: Seen) =>
    method === 'POST' && path.test(asked);

generatorConformance({
  name: 'openai',
  request: request('image', 'gpt-image-test', 2),
  async open({ answer = answerPictures(png, 2), baseURL, timeoutMs = 5_000 } = {}) {
    const { url, seen } = await openaiStub(answer);
    return { seen, generator: createOpenaiGenerator({ apiKey: 'sk-test', imageModels: ['gpt-image-test'], timeoutMs, mostBytes, baseURL: baseURL ?? url }) };
  },
  isPaid: post(/images/),
  says: { ...openaiWords, nothing: answerJson(200, { created: 1, data: [] }) },
});

const isPaidVideo = post(/\/videos$/);
for (const kind of ['image', 'video'] as const)
  generatorConformance({
    name: 'compatible',
    request: request(kind, `any-${kind}`, kind === 'image' ? 2 : 1),
    async open({ answer, baseURL, timeoutMs = 5_000 } = {}) {
      const isPaid = kind === 'image' ? post(/images/) : isPaidVideo;
      const { url, seen } = await compatibleStub({ picture: answerPictures(png, 2), video: mp4, on: (one) => (isPaid(one) ? (answer ?? null) : null) });
      const options = { apiKey: 'key-test', imageModels: ['any-image'], videoModels: ['any-video'], timeoutMs, mostBytes };
      return { seen, generator: createCompatibleGenerator({ ...options, baseURL: baseURL ?? url }) };
    },
    isPaid: kind === 'image' ? post(/images/) : isPaidVideo,
    says: openaiWords,
  });

const googleError = (code: number, status: string, details: unknown[] = []): unknown => ({ error: { code, message: 'no', status, details } });
const delay = { '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '7s' };
const blocked = { '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason: 'API_KEY_INVALID' };
const geminiWords: Provider['says'] = {
  busyFor7Seconds: answerJson(429, googleError(429, 'RESOURCE_EXHAUSTED', [delay])),
  overloaded: answerJson(503, googleError(503, 'UNAVAILABLE')),
  wrongKey: answerJson(400, googleError(400, 'INVALID_ARGUMENT', [blocked])),
};
for (const kind of ['image', 'video'] as const) {
  const isPaid = kind === 'image' ? post(/generateContent$/) : post(/\/interactions$/);
  generatorConformance({
    name: 'gemini',
    request: request(kind, `gemini-${kind}-test`, 1),
    async open({ answer, baseURL, timeoutMs = 5_000 } = {}) {
      const { url, seen } = await geminiStub({ picture: answerPicture(png), video: mp4, on: (one) => (isPaid(one) ? (answer ?? null) : null) });
      const options = { apiKey: 'key-test', imageModels: ['gemini-image-test'], videoModels: ['gemini-video-test'], timeoutMs, mostBytes };
      return { seen, generator: createGeminiGenerator({ ...options, baseURL: baseURL ?? url }) };
    },
    isPaid,
    says: {
      ...geminiWords,
      ...(kind === 'video'
        ? {}
        : {
            refusal: answerJson(200, { candidates: [{ finishReason: 'IMAGE_SAFETY' }] }),
            budget: answerJson(429, googleError(429, 'RESOURCE_EXHAUSTED')),
            nothing: answerJson(200, { candidates: [{ content: { parts: [{ text: 'I would rather not' }] }, finishReason: 'STOP' }] }),
          }),
    },
  });
}
