import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import { describe, expect, onTestFinished, test } from 'vitest';

import { ProviderFailure, type GenerationRequest } from '../generator.ts';
import { openOpenaiGenerator } from './open-openai-generator.ts';

type Seen = { method: string; url: string; headers: IncomingMessage['headers']; body: Buffer };
const png = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64');

/** What the real API takes, and nothing besides: an unknown path, method, header or field is refused. */
async function stub(answer: (seen: Seen, response: ServerResponse) => void): Promise<{ url: string; seen: Seen[] }> {
  const seen: Seen[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const one = { method: request.method ?? '', url: request.url ?? '', headers: request.headers, body: Buffer.concat(chunks) };
      seen.push(one);
      const wrong = problemOf(one);
      if (wrong === null) answer(one, response);
      else json(400, { error: { message: wrong, code: 'stub_refused' } })(one, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`, seen };
}

const fields = new Set(['model', 'prompt', 'n', 'size', 'quality', 'output_format', 'background', 'safety_identifier']);
function problemOf({ method, url, headers, body }: Seen): string | null {
  if (method !== 'POST') return `method ${method}`;
  if (headers.authorization !== 'Bearer sk-test') return 'no bearer';
  if (url === '/v1/images/edits') return headers['content-type']?.startsWith('multipart/form-data') === true ? null : 'edits come as a form';
  if (url !== '/v1/images/generations') return `path ${url}`;
  const asked = JSON.parse(body.toString()) as Record<string, unknown>;
  const unknown = Object.keys(asked).filter((name) => !fields.has(name));
  if (unknown.length > 0) return `fields ${unknown.join(', ')}`;
  return asked['model'] === 'gpt-image-test' ? null : 'model';
}

const json =
  (status: number, body: unknown, headers: Record<string, string> = {}) =>
  (_: Seen, response: ServerResponse): void =>
    void response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
const pictures = (n: number) =>
  json(200, { created: 1, data: Array.from({ length: n }, () => ({ b64_json: png.toString('base64') })), usage: { total_tokens: 9 } });

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
const open = (baseURL: string, timeoutMs = 5_000) =>
  openOpenaiGenerator({ provider: 'openai', apiKey: 'sk-test', imageModels: ['gpt-image-test'], timeoutMs, baseURL });
const start = async (baseURL: string, more: Partial<GenerationRequest> = {}, timeoutMs?: number) =>
  await open(baseURL, timeoutMs).start({ ...request, ...more }, { signal: AbortSignal.timeout(10_000) });

describe('OpenAI', () => {
  test('makes all pictures in one request, as bytes', async () => {
    const { url, seen } = await stub(pictures(2));
    expect(await start(url)).toEqual({ state: 'done', outputs: [{ bytes: png }, { bytes: png }], usage: { total_tokens: 9 } });
    expect(seen).toHaveLength(1);
    expect(JSON.parse(seen[0]?.body.toString() ?? '')).toMatchObject({ n: 2, prompt: 'a lamp', safety_identifier: 'nobody' });
  });

  test.each([
    ['one picture', ['image'], ['name="image"']],
    ['several and a mask', ['image', 'reference', 'mask'], ['name="image[]"', 'name="mask"']],
  ])('is given %s as a form', async (_what, roles, names) => {
    const { url, seen } = await stub(pictures(1));
    await start(url, { n: 1, inputs: roles.map((role) => ({ role, bytes: png, mimeType: 'image/png' })) });
    for (const name of names) expect(seen[0]?.body.toString('latin1')).toContain(name);
  });

  const failures: [string, (seen: Seen, response: ServerResponse) => void, Partial<ProviderFailure>][] = [
    ['a refusal', json(400, { error: { code: 'moderation_blocked' } }), { code: 'provider_refused', isBilled: false, againAfterSeconds: undefined }],
    ['the hard limit', json(400, { error: { code: 'billing_hard_limit_reached' } }), { code: 'provider_quota', isBilled: false }],
    ['a used-up budget', json(429, { error: { code: 'insufficient_quota' } }), { code: 'provider_quota', againAfterSeconds: undefined }],
    ['too many requests', json(429, { error: { code: 'rate_limit_exceeded' } }, { 'retry-after': '7' }), { againAfterSeconds: 7, isBilled: false }],
    ['its own word that it is busy', json(503, { error: { code: 'overloaded' } }), { againAfterSeconds: 5 }],
    ['a wrong key', json(401, { error: { code: 'invalid_api_key' } }), { code: 'provider_failed', message: 'Generation is not available now.' }],
    ['no picture', json(200, { created: 1, data: [] }), { code: 'provider_failed', isBilled: true }],
  ];
  test.each(failures)('says what came of the request after %s, having sent it once', async (_what, answer, failure) => {
    const { url, seen } = await stub(answer);
    await expect(start(url)).rejects.toMatchObject({ name: 'ProviderFailure', ...failure });
    expect(seen).toHaveLength(1);
  });

  const unknown: [string, (seen: Seen, response: ServerResponse) => void][] = [
    ['500', json(500, { error: { message: 'x' } })],
    ['502', json(502, {})],
    ['504', json(504, {})],
    ['a reset', (_, response) => void response.socket?.destroy()],
    ['silence', () => undefined],
  ];
  test.each(unknown)('leaves the outcome unknown after %s, and never sends again', async (_what, answer) => {
    const { url, seen } = await stub(answer);
    const error: unknown = await start(url, {}, 400).catch((cause: unknown) => cause);
    expect(error).not.toBeInstanceOf(ProviderFailure);
    expect(seen).toHaveLength(1);
  });

  test('that cannot be reached has begun nothing, so the request may be sent again', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    await new Promise((resolve) => server.close(resolve));
    await expect(start(`http://127.0.0.1:${port}/v1`)).rejects.toMatchObject({ isBilled: false, againAfterSeconds: 5 });
  });
});
