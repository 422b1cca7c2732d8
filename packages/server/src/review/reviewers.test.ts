import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import { Webhook } from 'standardwebhooks';
import { describe, expect, onTestFinished, test } from 'vitest';

import { createGeminiReviewer } from './gemini/create-gemini-reviewer.ts';
import { createOpenaiReviewer } from './openai/create-openai-reviewer.ts';
import type { Reviewer, ReviewRequest } from './reviewer.ts';
import { createWebhookReviewer } from './webhook/create-webhook-reviewer.ts';

type Seen = { url: string; headers: IncomingMessage['headers']; body: string };

/** A service on this machine with the documented answers of the real one. */
async function stub(answer: (seen: Seen, response: ServerResponse) => void): Promise<{ url: string; seen: Seen[] }> {
  const seen: Seen[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const one = { url: request.url ?? '', headers: request.headers, body: Buffer.concat(chunks).toString() };
      seen.push(one);
      answer(one, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, seen };
}

const json =
  (status: number, body: unknown) =>
  (_: Seen, response: ServerResponse): void =>
    void response.writeHead(status, { 'content-type': 'application/json' }).end(typeof body === 'string' ? body : JSON.stringify(body));
const silence = (): void => undefined;
const hangUp = (_: Seen, response: ServerResponse): void => void response.socket?.destroy();

const request: ReviewRequest = {
  mediaId: '01900000-0000-7000-8000-000000000001',
  revision: '01900000-0000-7000-8000-000000000002',
  collection: 'listing.photos',
  entity: { type: 'listing', id: '9f3' },
  altText: null,
  picture: { bytes: Buffer.from('RIFF....WEBP'), mimeType: 'image/webp' },
  pictureURL: 'https://media.example/media/abc?signature=x',
  callbackURL: 'https://media.example/v1/media/1/review?signature=y',
};
const ask = async (reviewer: Reviewer, signal: AbortSignal = AbortSignal.timeout(10_000)) => await reviewer(request, { signal });

const gemini = (candidate: unknown, extra: object = {}) => ({
  candidates: [candidate],
  modelVersion: 'gemini-test-001',
  usageMetadata: { totalTokenCount: 321 },
  ...extra,
});
const said = (text: string, finishReason = 'STOP') => ({ content: { role: 'model', parts: [{ text }] }, finishReason, index: 0 });
const moderation = (flagged: boolean) => ({
  id: 'modr-1',
  model: 'omni-moderation-test',
  results: [
    {
      flagged,
      categories: { violence: flagged, sexual: false },
      category_scores: { violence: flagged ? 0.93 : 0.01, sexual: 0.02 },
      category_applied_input_types: {},
    },
  ],
});

const secret = `whsec_${Buffer.from('a secret of twenty-four bytes').toString('base64')}`;
const reviewers = {
  gemini: {
    open: (baseURL: string): Reviewer => createGeminiReviewer({ apiKey: 'key', model: 'gemini-test', timeoutMs: 20_000, baseURL }),
    allows: gemini(said(JSON.stringify({ decision: 'approve', categories: [], confidence: 0.97, reason: 'A bicycle.' }))),
    rejects: gemini(said(JSON.stringify({ decision: 'reject', categories: ['gore'], confidence: 0.9, reason: 'Blood is visible.' }))),
    approved: { outcome: 'approved', model: 'gemini-test-001', scores: { approve: 0.97 }, costUnits: 321 },
    rejected: { outcome: 'rejected', categories: ['gore'], reason: 'Blood is visible.' },
    error: { error: { code: 429, message: 'Resource has been exhausted', status: 'RESOURCE_EXHAUSTED' } },
  },
  openai: {
    open: (baseURL: string): Reviewer => createOpenaiReviewer({ apiKey: 'key', model: 'omni-moderation-latest', timeoutMs: 20_000, baseURL }),
    allows: moderation(false),
    rejects: moderation(true),
    approved: { outcome: 'approved', model: 'omni-moderation-test', categories: [], costUnits: 1 },
    rejected: { outcome: 'rejected', categories: ['violence'], scores: { violence: 0.93 } },
    error: { error: { message: 'Rate limit reached', type: 'requests', code: 'rate_limit_exceeded', param: null } },
  },
  webhook: {
    open: (url: string): Reviewer => createWebhookReviewer({ url, secret }),
    allows: { decision: 'approved', model: 'our own' },
    rejects: { decision: 'rejected', reason: 'Not a photo of the goods.', categories: ['spam'], scores: { spam: 0.8 } },
    approved: { outcome: 'approved', model: 'our own' },
    rejected: { outcome: 'rejected', reason: 'Not a photo of the goods.', scores: { spam: 0.8 } },
    error: { message: 'slow down' },
  },
} as const;

describe.each(Object.entries(reviewers))('the reviewer %s', (_name, { open, allows, rejects, approved, rejected, error }) => {
  test('approves and rejects like its service, and records the answer', async () => {
    expect(await ask(open((await stub(json(200, allows))).url))).toMatchObject(approved);
    expect(await ask(open((await stub(json(200, rejects))).url))).toMatchObject(rejected);
  });

  test.each<[string, (seen: Seen, response: ServerResponse) => void, string]>([
    ['asks for a pause', json(429, error), 'rate_limited'],
    ['is broken', json(500, { error: { message: 'oops' } }), 'unavailable'],
    ['does not know us', json(401, { error: { message: 'bad key' } }), 'unavailable'],
    ['hangs up', hangUp, 'unavailable'],
    ['answers no JSON', json(200, '<html>all is well</html>'), 'unavailable'],
    ['answers nothing', json(200, {}), 'unavailable'],
    ['answers something else', json(200, { decision: 'maybe', results: [], candidates: [said('{"decision":"perhaps"}')] }), 'unavailable'],
  ])('never approves when its service %s, asks once, and leaves another attempt to the queue', async (_what, answer, code) => {
    const { url, seen } = await stub(answer);
    await expect(ask(open(url))).rejects.toMatchObject({ code, retryable: true });
    expect(seen).toHaveLength(1);
  });

  test('ends when its time is over', async () => {
    const signal = AbortSignal.timeout(300);
    await expect(ask(open((await stub(silence)).url), signal)).rejects.toMatchObject({ retryable: true });
  });
});

describe('gemini', () => {
  test.each([
    ['its safety filter blocks the picture', { promptFeedback: { blockReason: 'PROHIBITED_CONTENT' }, usageMetadata: {} }],
    ['its safety filter blocks the answer', gemini(said('', 'SAFETY'))],
    ['it is cut off in the middle of an approval', gemini(said('{"decision":"approve","categories":[],"confidence":1,"reason":"', 'MAX_TOKENS'))],
    ['the picture talks it into prose', gemini(said('I approve this picture.'))],
  ])('decides nothing when %s', async (_what, body) => {
    const { url } = await stub(json(200, body));
    await expect(ask(reviewers.gemini.open(url))).rejects.toMatchObject({ code: 'unavailable', retryable: true });
  });

  test('gets the picture and the schema of its answer', async () => {
    const { url, seen } = await stub(json(200, reviewers.gemini.allows));
    await ask(reviewers.gemini.open(url));
    const body = JSON.parse(seen[0]?.body ?? '');
    expect(seen[0]?.url).toContain('/models/gemini-test:generateContent');
    expect(seen[0]?.headers['x-goog-api-key']).toBe('key');
    expect(body.contents[0].parts[0].inlineData).toEqual({ mimeType: 'image/webp', data: request.picture.bytes.toString('base64') });
    expect(body.generationConfig).toMatchObject({ responseMimeType: 'application/json', temperature: 0 });
  });
});

test('gemini uses its own key although the environment names another product of Google', async () => {
  process.env['GOOGLE_GENAI_USE_VERTEXAI'] = 'true';
  onTestFinished(() => void delete process.env['GOOGLE_GENAI_USE_VERTEXAI']);
  const { url, seen } = await stub(json(200, reviewers.gemini.allows));
  await ask(reviewers.gemini.open(url));
  expect(seen).toMatchObject([{ url: expect.stringMatching(/^\/v1(beta)?\/models\/gemini-test:generateContent/), headers: { 'x-goog-api-key': 'key' } }]);
});

test('openai gets the picture as a data URL', async () => {
  const { url, seen } = await stub(json(200, moderation(false)));
  await ask(reviewers.openai.open(url));
  expect(seen[0]).toMatchObject({ url: '/moderations', headers: { authorization: 'Bearer key' } });
  expect(JSON.parse(seen[0]?.body ?? '')).toEqual({
    model: 'omni-moderation-latest',
    input: [{ type: 'image_url', image_url: { url: `data:image/webp;base64,${request.picture.bytes.toString('base64')}` } }],
  });
  expect(seen).toHaveLength(1);
});

describe('the webhook', () => {
  test('is signed as Standard Webhooks says, over the exact bytes that are sent', async () => {
    const { url, seen } = await stub(json(200, { decision: 'approved' }));
    await ask(reviewers.webhook.open(url));
    const { headers, body } = seen[0] ?? expect.fail('it was not asked');
    expect(new Webhook(secret).verify(body, headers as Record<string, string>)).toMatchObject({
      type: 'review.requested',
      data: { mediaId: request.mediaId, revision: request.revision, url: request.pictureURL, callbackUrl: request.callbackURL },
    });
    expect(headers['webhook-id']).toBe(`msg_${request.mediaId}_${request.revision}`);
  });

  test('may take its time, and call back', async () => {
    expect(await ask(reviewers.webhook.open((await stub(json(202, {}))).url))).toMatchObject({ outcome: 'waiting' });
  });

  test('follows no redirect, and reads no endless answer', async () => {
    const elsewhere = await stub((_, response) => void response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end());
    await expect(ask(reviewers.webhook.open(elsewhere.url))).rejects.toMatchObject({ code: 'unavailable' });
    const endless = await stub((_, response) => {
      response.writeHead(200);
      const write = (): void => void (response.destroyed || (response.write(' '.repeat(65_536)) ? setImmediate(write) : response.once('drain', write)));
      write();
    });
    await expect(ask(reviewers.webhook.open(endless.url))).rejects.toMatchObject({ code: 'unavailable' });
  });
});
