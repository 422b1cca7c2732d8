import { describe, expect, test } from 'vitest';

import { answerJson, providerStub, type Answering } from '../../../test/support/provider-stub.ts';
import { temporaryDirectory } from '../../../test/support/temporary-directory.ts';
import { loadConfig, type Config } from '../../config.ts';
import { checkModels } from './check-models.ts';

const now = new Date('2026-11-29T12:00:00Z');
const loaded = await loadConfig({ SAFELIGHT_DATA_DIR: await temporaryDirectory() }, import.meta.dirname.replace(/\/packages\/server\/.*$/, ''));

/** A check against a server of the operator's own, with OpenAI's protocol. */
async function findingsOf(answers: Record<string, Answering>, env: NodeJS.ProcessEnv = {}, more: Partial<Config['review']> = {}) {
  const { origin, seen } = await providerStub(
    ({ method, path, headers }) =>
      method === 'GET' &&
      /^\/(?:v1|v1beta)\/models\/[\w.-]+$/.test(path) &&
      (headers.authorization === 'Bearer key-test' || headers['x-goog-api-key'] === 'key-test')
        ? null
        : 'path or key',
    (one, response) =>
      (answers[one.path.split('/').pop() ?? ''] ?? answerJson(404, { error: { code: 404, message: 'none', status: 'NOT_FOUND' } }))(one, response),
  );
  const compatible = { url: `${origin}/v1`, key: 'key-test', imageModels: Object.keys(answers), videoModels: [] };
  const generation = { ...loaded.generation, compatible, gemini: { imageModels: ['lamp-3'], videoModels: [] } };
  const review = { ...loaded.review, geminiBaseURL: origin, geminiModel: 'gemini-2.5-flash', ...more };
  return { findings: await checkModels({ generation, review }, { signal: AbortSignal.timeout(20_000), env, now }), seen };
}
const there = (shutdownDate?: string): Answering =>
  answerJson(200, { id: 'x', object: 'model', created: 1, owned_by: 'x', ...(shutdownDate === undefined ? {} : { shutdown_date: shutdownDate }) });

describe('a configured model', () => {
  test.each<[string, Answering, object]>([
    ['that is there is fine', there(), { result: 'ok', detail: expect.stringContaining('is there') }],
    ['that ends in a year is fine', there('2027-11-29'), { result: 'ok', detail: expect.stringContaining('2027-11-29') }],
    ['that ends within sixty days is a warning', there('2027-01-10'), { result: 'warning', detail: expect.stringContaining('in 42 days') }],
    ['that has ended is a failure, though it still answers', there('2026-11-01'), { result: 'failed', detail: expect.stringContaining('2026-11-01') }],
    [
      'that the provider does not have is a failure',
      answerJson(404, { error: {} }),
      { result: 'failed', fix: expect.stringContaining('generation.compatible.imageModels') },
    ],
    [
      'that nobody answers about is a failure without the key',
      answerJson(401, { error: { message: 'Incorrect key key-test' } }),
      { result: 'failed', detail: expect.stringContaining('HTTP 401') },
    ],
  ])('%s', async (_what, answer, finding) => {
    const { findings } = await findingsOf({ 'lamp-1': answer });
    expect(findings).toEqual([expect.objectContaining({ check: 'models', ...finding })]);
    expect(JSON.stringify(findings)).not.toContain('key-test');
  });

  test('for reviews is checked as well, and doctor reports one whose end its provider has announced', async () => {
    const there404 = answerJson(200, { name: 'models/x' });
    const { findings } = await findingsOf({ 'gemini-2.5-flash': there404 }, { GOOGLE_GENAI_USE_VERTEXAI: 'true' }, { geminiKey: 'key-test' });
    const details = findings.map(({ result, detail }) => `${result}: ${detail}`);
    expect(details).toEqual([
      expect.stringMatching(/^warning: GOOGLE_GENAI_USE_VERTEXAI is set/),
      expect.stringMatching(/^failed: gemini lamp-3 \(generation\.gemini\.imageModels\): the provider has no such model/),
      expect.stringMatching(/^failed: gemini gemini-2\.5-flash \(review\.geminiModel\) was to end on 2026-10-31/),
      expect.stringMatching(/^ok: compatible gemini-2\.5-flash/),
    ]);
  });

  test('is not checked if no provider has a key', async () => {
    const { generation, review } = loaded;
    expect(await checkModels({ generation, review: { ...review, openaiKey: null, geminiKey: null } }, { signal: AbortSignal.timeout(5_000), env: {} })).toEqual(
      [expect.objectContaining({ result: 'ok' })],
    );
  });
});
