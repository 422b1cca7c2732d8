import { Writable } from 'node:stream';

import { pino } from 'pino';
import { expect, test } from 'vitest';

import { testGenerations } from '../../test/support/generations.ts';
import { openaiStub } from '../../test/support/openai-stub.ts';
import { answerJson, type Answering } from '../../test/support/provider-stub.ts';
import type { GenerationContext, GenerationSite } from './generation-context.ts';
import { startGeneration } from './start-generation.ts';
import { createOpenaiGenerator } from './openai/create-openai-generator.ts';

const { contextWith, run, endOf } = await testGenerations();
const [prompt, key] = ['a lamp that nobody is to hear of', 'sk-test-0123456789'];
const echo = `Incorrect API key provided: ${key}, for the prompt "${prompt}"`;

test.each<[string, Answering, GenerationSite['moderatePrompt']]>([
  ['refuses the key', answerJson(401, { error: { message: echo, code: 'invalid_api_key' } }), null],
  ['does not take the request', answerJson(400, { error: { message: echo, code: echo } }), null],
  ['is broken', answerJson(500, { error: { message: echo } }), null],
  ['answers no JSON', (_, response) => void response.writeHead(200, { 'content-type': 'application/json' }).end(echo), null],
  ['hangs up', (_, response) => void response.socket?.destroy(), null],
  ['is not asked, since the moderation fails with what it was asked', answerJson(500, {}), async () => await Promise.reject(new Error(echo))],
])('neither the prompt nor the key is in the log, the job or its events when the provider %s', async (_what, answer, moderatePrompt) => {
  let log = '';
  const { url } = await openaiStub(answer);
  const generator = createOpenaiGenerator({ apiKey: key, imageModels: ['gpt-image-test'], timeoutMs: 5_000, baseURL: url });
  const written = pino({ level: 'trace' }, new Writable({ write: (chunk: Buffer, _encoding, done) => ((log += chunk.toString()), done()) }));
  const ctx: GenerationContext = { ...contextWith(generator), site: { ...contextWith(generator).site, moderatePrompt }, log: written };
  const { jobId } = await startGeneration(ctx, { kind: 'image', prompt, n: 1, inputs: [] });
  await run(ctx);
  const job = await endOf(jobId, 'failed');
  expect(log).not.toBe('');
  const told = await ctx.site.db.selectFrom('event').selectAll().where('job_id', '=', jobId).execute();
  for (const text of [prompt, key, echo]) expect(`${log} ${JSON.stringify(job)} ${JSON.stringify(told)}`).not.toContain(text);
});
