import { describe, expect, test } from 'vitest';

import { ask, expectProblem, form, newEntity, newUser, needsUsers, upload } from './support/api.ts';
import { jpeg } from './support/pictures.ts';

const path = '/policies/test.gated';
const fields = () => ({ collection: 'test.gated', entityType: 'gated', entityId: newEntity('gated').entityId });
const rules = async () => await ask('GET', '/meta/media-rules?collection=test.gated', { token: null });

// In order, because they change the same policy.
describe('the policy of a collection', () => {
  test('is changed by sending the answer of GET back with some values different, and holds from the next request on', async () => {
    const before = await ask('GET', path);
    const published = await rules();
    const etag = before.headers.get('etag') ?? '';
    const answer = await ask('PUT', path, { headers: { 'if-match': etag }, body: { ...before.body.policy, maxBytes: 300 } });
    expect(answer.status, JSON.stringify(answer.body)).toBe(200);
    expect(answer.body.policy).toMatchObject({ maxBytes: 300, version: before.body.policy.version + 1, updatedBy: expect.any(String) });
    expect(answer.headers.get('etag')).not.toBe(etag);
    const now = await rules();
    expect(now.body.rules.maxBytes).toBe(300);
    expect(now.headers.get('etag')).not.toBe(published.headers.get('etag'));
    expectProblem(await upload(fields(), await jpeg()), 413, 'file_too_large');
    const back = await ask('PUT', path, { headers: { 'if-match': answer.headers.get('etag') ?? '' }, body: before.body });
    expect(back.body.policy.maxBytes).toBe(before.body.policy.maxBytes);
    expect((await upload(fields(), await jpeg())).status).toBe(202);
    const { changes } = (await ask('GET', `${path}/history?limit=2`)).body;
    expect(changes).toMatchObject([
      { changed: ['maxBytes'], before: { maxBytes: 300 }, by: expect.any(String), at: expect.stringMatching(/^\d{4}-.*Z$/) },
      { changed: ['maxBytes'], after: { maxBytes: 300 } },
    ]);
  });

  test('is refused if somebody else was faster, and one of many at once wins', async () => {
    const { headers, body } = await ask('GET', path);
    const ifMatch = { 'if-match': headers.get('etag') ?? '' };
    const answers = await Promise.all(
      Array.from({ length: 20 }, async (_, n) => await ask('PUT', path, { headers: ifMatch, body: { ...body.policy, batchSize: 30 + n } })),
    );
    expect(answers.map(({ status }) => status).filter((status) => status !== 412)).toEqual([200]);
    expectProblem(await ask('PUT', path, { headers: ifMatch, body: body.policy }), 412, 'precondition_failed');
  });

  test('is refused if it is contradictory or above a ceiling, with every field that is wrong', async () => {
    const { policy } = (await ask('GET', path)).body;
    const answer = await ask('PUT', path, { body: { ...policy, minAspectRatio: 3, maxAspectRatio: 1, maxMegapixels: 1e6, acceptedTypes: ['video/mp4'] } });
    expectProblem(answer, 400, 'invalid_request');
    expect(answer.body.errors.map(({ field }: { field: string }) => field).toSorted()).toEqual(['acceptedTypes', 'maxMegapixels', 'minAspectRatio']);
    const { maxBytes: _, ...partial } = policy;
    const incomplete = await ask('PUT', path, { body: { ...partial, batchSize: 'many' } });
    expectProblem(incomplete, 400, 'invalid_request');
    expect(incomplete.body.errors.map(({ field }: { field: string }) => field).toSorted()).toEqual(['batchSize', 'maxBytes']);
    const { policy: ungated } = (await ask('GET', '/policies/artist.images')).body;
    expectProblem(await ask('PUT', '/policies/artist.images', { body: { ...ungated, photoReviewEnabled: true } }), 400, 'invalid_request');
    expectProblem(await ask('PUT', '/policies/no.such', { body: policy }), 404, 'not_found');
    expect((await ask('GET', path)).body.policy).toEqual(policy);
  });

  test.skipIf(needsUsers !== null)('is a manager’s to change', async () => {
    const { token } = await newUser();
    expectProblem(await ask('PUT', path, { token, body: {} }), 403, 'forbidden');
    expectProblem(await ask('GET', `${path}/history`, { token }), 403, 'forbidden');
    expectProblem(
      await ask('POST', `/media/${'0'.repeat(8)}-0000-7000-8000-000000000000/replacement`, { token, body: form({}, await jpeg()) }),
      404,
      'not_found',
    );
  });
});
