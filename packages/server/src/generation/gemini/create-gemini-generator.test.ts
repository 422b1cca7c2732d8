import { buffer } from 'node:stream/consumers';

import { describe, expect, onTestFinished, test } from 'vitest';

import { completed, geminiStub, type Step } from '../../../test/support/gemini-stub.ts';
import { answerJson, type Answering, type Seen } from '../../../test/support/provider-stub.ts';
import type { GenerationRequest } from '../generator.ts';
import { createGeminiGenerator } from './create-gemini-generator.ts';

const video: GenerationRequest = {
  kind: 'video',
  model: 'gemini-video-test',
  prompt: 'a lamp',
  n: 1,
  index: 0,
  inputs: [],
  ownerToken: 'nobody',
  durationSeconds: 4,
};
const call = { signal: AbortSignal.timeout(30_000) };
const open = (baseURL: string) => createGeminiGenerator({ apiKey: 'key-test', imageModels: [], videoModels: ['gemini-video-test'], timeoutMs: 5_000, baseURL });
async function begun(steps: Step[], more: { cancel?: Answering; on?: (seen: Seen) => Answering | null } = {}) {
  const stub = await geminiStub({ video: Buffer.from('the video'), steps, ...more });
  const generator = open(stub.url);
  const started = await generator.start(video, call);
  const operation = started.state === 'started' ? started.operation : null;
  return { ...stub, generator, poll: async () => await generator.poll?.(operation, call), cancel: async () => await generator.cancel?.(operation, call) };
}

describe('a video of Gemini', () => {
  test.each([
    ['failed by a policy', { status: 'failed', errors: [{ code: 'https://ai.google.dev/errors/safety-policy', message: 'blocked' }] }, 'provider_refused'],
    ['failed', { status: 'failed', errors: [{ code: 'https://ai.google.dev/errors/internal' }] }, 'provider_failed'],
    ['incomplete', { status: 'incomplete' }, 'provider_failed'],
    ['out of budget', { status: 'budget_exceeded' }, 'provider_quota'],
  ])('that is %s has its own code', async (_what, step, code) => {
    const { poll } = await begun([step]);
    await expect(poll()).rejects.toMatchObject({ name: 'ProviderFailure', code });
  });

  test('that is completed with nothing but the input has no result', async () => {
    const { poll } = await begun([{ status: 'completed', steps: [{ type: 'user_input', content: [{ type: 'text', text: 'a lamp' }] }] }]);
    expect(await poll()).toMatchObject({ state: 'done', outputs: [{ failure: { code: 'provider_failed' } }] });
  });

  test('whose status is twenty megabytes long is not read to its end', async () => {
    const { poll } = await begun([{ status: 'completed', steps: [{ type: 'user_input', content: [{ type: 'text', text: 'x'.repeat(20 << 20) }] }] }]);
    await expect(poll()).rejects.toThrow('no answer about a video');
  });

  test('whose status answers 400 for ever is polled again, and that is never an end by itself', async () => {
    const { poll, seen } = await begun([{ status: 'queued' }], {
      on: ({ method }) => (method === 'GET' ? answerJson(400, { error: { code: 400, message: 'no', status: 'INVALID_ARGUMENT' } }) : null),
    });
    for (let look = 0; look < 3; look++) await expect(poll()).rejects.not.toMatchObject({ name: 'ProviderFailure' });
    expect(seen.filter(({ method }) => method === 'POST')).toHaveLength(1);
  });

  test.each<[string, Answering, string]>([
    ['says so', answerJson(200, { id: 'int_1', status: 'cancelled' }), 'stopped'],
    ['had ended before', answerJson(400, { error: { code: 400, message: 'ended', status: 'FAILED_PRECONDITION' } }), 'too_late'],
    ['does not know it', answerJson(404, { error: { code: 404, message: 'none', status: 'NOT_FOUND' } }), 'unknown'],
    ['is broken', answerJson(500, {}), 'unknown'],
  ])('is cancelled as far as its provider %s', async (_what, answer, said) => {
    const { cancel } = await begun([{ status: 'in_progress' }], { cancel: answer });
    expect(await cancel()).toBe(said);
  });

  test.each([
    ['a metadata service', 'http://169.254.169.254/latest/meta-data/'],
    ['another host', 'http://localhost:9/file'],
    ['a file of this machine', 'file:///etc/passwd'],
    ['no address', 'http://'],
  ])('is not fetched from %s, and the key stays here', async (_what, uri) => {
    const { poll, generator } = await begun([completed(uri)]);
    const polled = await poll();
    const [output] = polled?.state === 'done' ? polled.outputs : [];
    expect(output).toEqual({ from: { uri } });
    await expect(generator.open?.({ uri }, call)).rejects.toMatchObject({ name: 'ProviderFailure', code: 'provider_failed', isBilled: true });
  });

  test('is fetched behind a redirect only if that stays at its provider', async () => {
    const elsewhere = await geminiStub({ video: Buffer.from('not mine') });
    const redirecting = await geminiStub({
      video: Buffer.from('the video'),
      on: ({ path }) => {
        const to = path.includes('away') ? elsewhere.url : '';
        return /away|near/.test(path) ? (_, response) => void response.writeHead(302, { location: `${to}/v1beta/files/other:download` }).end() : null;
      },
    });
    const generator = open(redirecting.url);
    const near = await generator.open?.({ uri: `${redirecting.url}/v1beta/files/near:download` }, call);
    expect((near === undefined ? Buffer.alloc(0) : await buffer(near)).toString()).toBe('the video');
    await expect(generator.open?.({ uri: `${redirecting.url}/v1beta/files/away:download` }, call)).rejects.toMatchObject({ code: 'provider_failed' });
    expect(elsewhere.seen).toHaveLength(0);
  });

  test('uses the same API whatever the environment says about other products of Google', async () => {
    process.env['GOOGLE_GENAI_USE_VERTEXAI'] = 'true';
    onTestFinished(() => void delete process.env['GOOGLE_GENAI_USE_VERTEXAI']);
    const { poll } = await begun([{ status: 'in_progress' }]);
    expect(await poll()).toMatchObject({ state: 'running' });
  });
});
