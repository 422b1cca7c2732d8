import { createHmac } from 'node:crypto';

import { describe, expect, test } from 'vitest';

import { answerJson, providerStub, type Answering, type Seen } from '../../test/support/provider-stub.ts';
import { createOpenaiModerator } from './openai/create-openai-moderator.ts';
import { createWebhookModerator } from './webhook/create-webhook-moderator.ts';
import type { PromptModerator } from './prompt-moderator.ts';

const secret = `whsec_${Buffer.from('a secret of twenty-four bytes').toString('base64')}`;
const question = {
  jobId: '0190aaaa-0000-7000-8000-000000000000',
  kind: 'image' as const,
  provider: 'openai',
  model: 'gpt-image-test',
  prompt: 'a lamp',
  ownerId: 'owner-1',
  collection: 'user.library',
};
const ask = async (moderate: PromptModerator) => await moderate(question, { signal: AbortSignal.timeout(10_000) });

/** What each service accepts, and nothing else. */
const services: Record<
  string,
  { open: (origin: string) => PromptModerator; problemOf(seen: Seen): string | null; allows: unknown; refuses: unknown; as: object }
> = {
  openai: {
    open: (origin) => createOpenaiModerator({ apiKey: 'sk-test', model: 'omni-moderation-test', timeoutMs: 300, baseURL: `${origin}/v1` }),
    problemOf: ({ method, path, headers, body }) =>
      method === 'POST' && path === '/v1/moderations' && headers.authorization === 'Bearer sk-test'
        ? JSON.stringify(JSON.parse(body.toString())) === JSON.stringify({ model: 'omni-moderation-test', input: 'a lamp' })
          ? null
          : 'body'
        : 'path or key',
    allows: { id: 'modr-1', model: 'omni-moderation-test', results: [{ flagged: false, categories: { violence: false }, category_scores: { violence: 0.1 } }] },
    refuses: { id: 'modr-1', model: 'omni-moderation-test', results: [{ flagged: true, categories: { violence: true, sexual: false }, category_scores: {} }] },
    as: { allowed: false, categories: ['violence'], reason: null },
  },
  webhook: {
    open: (origin) => createWebhookModerator({ url: `${origin}/prompts`, secret }),
    problemOf: ({ path, headers, body }) => {
      const key = Buffer.from(secret.slice('whsec_'.length), 'base64');
      const signed = `${String(headers['webhook-id'])}.${String(headers['webhook-timestamp'])}.${body.toString()}`;
      if (headers['webhook-signature'] !== `v1,${createHmac('sha256', key).update(signed).digest('base64')}`) return 'signature';
      return path === '/prompts' && headers['webhook-id'] === `msg_prompt_${question.jobId}` ? null : 'path or id';
    },
    allows: { decision: 'approved' },
    refuses: { decision: 'rejected', reason: 'Not of this town.', categories: ['town'] },
    as: { allowed: false, categories: ['town'], reason: 'Not of this town.' },
  },
};

describe.each(Object.entries(services))('the moderation by %s', (_name, { open, problemOf, allows, refuses, as }) => {
  const asked = async (answer: Answering) => {
    const { origin, seen } = await providerStub(problemOf, answer);
    return { moderate: open(origin), seen };
  };

  test('approves what its service allows, and gives the reason of a refusal', async () => {
    expect(await ask((await asked(answerJson(200, allows))).moderate)).toEqual({ allowed: true });
    expect(await ask((await asked(answerJson(200, refuses))).moderate)).toEqual(as);
  });

  test.each<[string, Answering]>([
    ['is busy', answerJson(429, { error: { message: 'slow down' } })],
    ['is broken', answerJson(500, {})],
    ['does not know us', answerJson(401, {})],
    ['answers nothing', answerJson(200, {})],
    ['answers something else', answerJson(200, { decision: 'maybe', results: [] })],
    ['answers a page', (_, response) => void response.writeHead(200).end('<html>approved</html>')],
    ['sends us elsewhere', (_, response) => void response.writeHead(307, { location: '/prompts' }).end()],
    ['hangs up', (_, response) => void response.socket?.destroy()],
  ])('lets nothing through when its service %s, and asks once', async (_what, answer) => {
    const { moderate, seen } = await asked(answer);
    await expect(ask(moderate)).rejects.toThrow();
    expect(seen).toHaveLength(1);
  });
});
