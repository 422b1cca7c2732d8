import { expect, test } from 'vitest';

import { compatibleStub } from '../../test/support/compatible-stub.ts';
import { geminiStub } from '../../test/support/gemini-stub.ts';
import { answerJson, type Answering, type Seen } from '../../test/support/provider-stub.ts';
import { createGeminiGenerator } from './gemini/create-gemini-generator.ts';
import type { Generator } from './generator.ts';
import { createCompatibleGenerator } from './openai/create-compatible-generator.ts';

const call = { signal: AbortSignal.timeout(30_000) };
const options = { apiKey: 'key-test', imageModels: [], timeoutMs: 5_000 };
type Harness = { generator: Generator; seen: Seen[] };
const providers: [string, (answer?: Answering, baseURL?: string) => Promise<Harness>][] = [
  [
    'gemini',
    async (answer, baseURL) => {
      const { url, seen } = await geminiStub({ on: ({ method }) => (method === 'GET' ? (answer ?? null) : null) });
      return { seen, generator: createGeminiGenerator({ ...options, videoModels: ['gemini-video-test'], baseURL: baseURL ?? url }) };
    },
  ],
  [
    'compatible',
    async (answer, baseURL) => {
      const { url, seen } = await compatibleStub({ on: ({ method }) => (method === 'GET' ? (answer ?? null) : null) });
      return { seen, generator: createCompatibleGenerator({ ...options, videoModels: ['any-video'], baseURL: baseURL ?? url }) };
    },
  ],
];
const glanceAt = async ({ generator }: Harness) => await generator.glance?.({ id: 'int_1' }, call);

test.each(providers)('a glance asks %s where its own library does, with the key', async (_name, open) => {
  const harness = await open(answerJson(200, { id: 'int_1', status: 'queued' }));
  await harness.generator.poll?.({ id: 'int_1' }, call);
  await glanceAt(harness);
  const [polled, glanced] = harness.seen;
  expect(glanced?.path).toBe(polled?.path);
  for (const name of ['x-goog-api-key', 'authorization']) expect(glanced?.headers[name]).toBe(polled?.headers[name]);
});

const answers: [string, Answering, object][] = [
  ['that it works on it', answerJson(200, { status: 'in_progress' }), { is: 'running', progress: null }],
  ['that it waits for its turn', answerJson(200, { status: 'queued', progress: 25 }), { is: 'running', progress: 0.25 }],
  ['that it has no time', answerJson(429, { error: { code: 429 } }), { is: 'silent' }],
  ['that it is overloaded', answerJson(503, { error: { code: 503 } }), { is: 'silent' }],
  ['that it is done', answerJson(200, { status: 'completed' }), { is: 'news' }],
  ['a state that nobody knows', answerJson(200, { status: 'constructor' }), { is: 'news' }],
  ['that it knows nothing of it', answerJson(404, {}), { is: 'news' }],
  ['what is no JSON', (_, response) => void response.writeHead(200).end('<html>'), { is: 'news' }],
  ['the 503 of something in between', (_, response) => void response.writeHead(503).end('<html>'), { is: 'news' }],
  ['elsewhere', (_, response) => void response.writeHead(302, { location: 'http://127.0.0.1:9/' }).end(), { is: 'news' }],
  [
    'more than anybody reads',
    (_, response) => void response.writeHead(200).end(JSON.stringify({ status: 'queued', text: 'x'.repeat(1 << 20) })),
    { is: 'news' },
  ],
];
test.each(providers.flatMap(([name, open]) => answers.map(([what, answer, seen]) => ({ name, what, open, answer, seen }))))(
  'a glance at $name that answers $what',
  async ({ open, answer, seen }) => {
    expect(await glanceAt(await open(answer))).toEqual(seen);
  },
);

test.each(providers)('a glance at %s that is not there says nothing; one that breaks off is an error', async (_name, open) => {
  expect(await glanceAt(await open(undefined, 'http://127.0.0.1:9'))).toEqual({ is: 'silent' });
  await expect(glanceAt(await open((_, response) => void response.socket?.destroy()))).rejects.toThrow();
  await expect(
    glanceAt(await open((_, response) => void response.writeHead(200, { 'content-length': 100 }).write('{', () => response.destroy()))),
  ).rejects.toThrow();
});
