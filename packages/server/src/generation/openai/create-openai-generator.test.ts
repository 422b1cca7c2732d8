import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import { describe, expect, test } from 'vitest';

import { answerPictures, openaiStub } from '../../../test/support/openai-stub.ts';
import { answerJson, type Answering } from '../../../test/support/provider-stub.ts';
import { ProviderFailure, type GenerationRequest } from '../generator.ts';
import { createOpenaiGenerator } from './create-openai-generator.ts';

const png = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64');
const pictures = (n: number) => answerPictures(png, n);

const request: GenerationRequest = {
  kind: 'image',
  model: 'gpt-image-test',
  prompt: 'a lamp',
  n: 2,
  index: 0,
  size: '1024x1024',
  inputs: [],
  ownerToken: 'nobody',
};
const open = (baseURL: string, timeoutMs = 5_000) => createOpenaiGenerator({ apiKey: 'sk-test', imageModels: ['gpt-image-test'], timeoutMs, baseURL });
const start = async (baseURL: string, more: Partial<GenerationRequest> = {}, timeoutMs?: number) =>
  await open(baseURL, timeoutMs).start({ ...request, ...more }, { signal: AbortSignal.timeout(10_000) });

describe('OpenAI', () => {
  test('makes all pictures in one request, as bytes', async () => {
    const { url, seen } = await openaiStub(pictures(2));
    expect(await start(url)).toEqual({ state: 'done', outputs: [{ bytes: png }, { bytes: png }], usage: { total_tokens: 9 } });
    expect(seen).toHaveLength(1);
    expect(JSON.parse(seen[0]?.body.toString() ?? '')).toMatchObject({ n: 2, prompt: 'a lamp', safety_identifier: 'nobody' });
  });

  test.each([
    ['one picture', ['image'], ['name="image"']],
    ['several and a mask', ['image', 'reference', 'mask'], ['name="image[]"', 'name="mask"']],
  ])('is given %s as a form', async (_what, roles, names) => {
    const { url, seen } = await openaiStub(pictures(1));
    await start(url, { n: 1, inputs: roles.map((role) => ({ role, bytes: png, mimeType: 'image/png' })) });
    for (const name of names) expect(seen[0]?.body.toString('latin1')).toContain(name);
  });

  const failures: [string, Answering, Partial<ProviderFailure>][] = [
    ['a refusal', answerJson(400, { error: { code: 'moderation_blocked' } }), { code: 'provider_refused', isBilled: false, againAfterSeconds: undefined }],
    ['the hard limit', answerJson(400, { error: { code: 'billing_hard_limit_reached' } }), { code: 'provider_quota', isBilled: false }],
    ['a used-up budget', answerJson(429, { error: { code: 'insufficient_quota' } }), { code: 'provider_quota', againAfterSeconds: undefined }],
    ['too many requests', answerJson(429, { error: { code: 'rate_limit_exceeded' } }, { 'retry-after': '7' }), { againAfterSeconds: 7, isBilled: false }],
    [
      'too many requests until a time',
      answerJson(429, { error: { code: 'rate_limit_exceeded' } }, { 'retry-after': new Date(Date.now() + 600_500).toUTCString() }),
      { againAfterSeconds: expect.closeTo(600, -1) as number },
    ],
    [
      'too many requests for a day',
      answerJson(429, { error: { code: 'rate_limit_exceeded' } }, { 'retry-after': '86400' }),
      { againAfterSeconds: undefined, isBilled: false },
    ],
    ['its own word that it is busy', answerJson(503, { error: { code: 'overloaded' } }), { againAfterSeconds: 5 }],
    ['a wrong key', answerJson(401, { error: { code: 'invalid_api_key' } }), { code: 'provider_failed', message: 'Generation is not available now.' }],
    ['no picture', answerJson(200, { created: 1, data: [] }), { code: 'provider_failed', isBilled: true }],
  ];
  test.each(failures)('says what came of the request after %s, having sent it once', async (_what, answer, failure) => {
    const { url, seen } = await openaiStub(answer);
    await expect(start(url)).rejects.toMatchObject({ name: 'ProviderFailure', ...failure });
    expect(seen).toHaveLength(1);
  });

  const unknown: [string, Answering][] = [
    ['500', answerJson(500, { error: { message: 'x' } })],
    ['502', answerJson(502, {})],
    ['504', answerJson(504, {})],
    ['a reset', (_, response) => void response.socket?.destroy()],
    ['silence', () => undefined],
  ];
  test.each(unknown)('leaves the outcome unknown after %s, and never sends again', async (_what, answer) => {
    const { url, seen } = await openaiStub(answer);
    const error: unknown = await start(url, {}, 400).catch((cause: unknown) => cause);
    expect(error).not.toBeInstanceOf(ProviderFailure);
    expect(seen).toHaveLength(1);
  });

  test('has begun nothing if it cannot be reached, so the request may be sent again', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    await new Promise((resolve) => server.close(resolve));
    await expect(start(`http://127.0.0.1:${port}/v1`)).rejects.toMatchObject({ isBilled: false, againAfterSeconds: 5 });
  });
});
