import { randomUUID } from 'node:crypto';

import { verifyWebhook } from '@safelight/client/webhooks';
import type { Delivery, Webhook, WebhookWithSecret } from '@safelight/contract/webhooks';
import { expect, test } from 'vitest';

import { receiver } from '../support/webhooks.ts';
import { ask, expectProblem, into, needsUsers, newUser, readyMedia, target } from './support/api.ts';

/** The application runs on the machine of the suite, where only a product that was started here can reach it. */
const isElsewhere = target.reviewer === null;
const patient = { timeout: 20_000 };
/** Nothing happens there while the suite runs: an endpoint that hears only of this collection gets only what its test sends it. */
const quiet = ['artist.media'];
const endpoint = async (body: object): Promise<WebhookWithSecret> => {
  const answer = await ask('POST', '/webhooks', { body });
  expect(answer.status, JSON.stringify(answer.body)).toBe(201);
  expect(answer.headers.get('cache-control')).toContain('no-store');
  return answer.body.webhook;
};
const read = async (id: string): Promise<Webhook> => (await ask('GET', `/webhooks/${id}`)).body.webhook;
const deliveries = async (id: string, query = ''): Promise<Delivery[]> => (await ask('GET', `/webhooks/${id}/deliveries${query}`)).body.deliveries;
const delivered = async (id: string, count: number) =>
  await expect.poll(async () => (await read(id)).counts, patient).toEqual({ pending: 0, delivered: count, dead: 0 });

test.skipIf(isElsewhere)('an endpoint is told of a photo, and what it was sent can be read, sent again and replayed', async () => {
  const since = new Date(Date.now() - 1_000).toISOString();
  const application = await receiver((response) => response.writeHead(200).end('thank you'));
  const entity = into('product.files');
  const { id, secret } = await endpoint({ url: application.url, events: ['upload_complete'], collections: ['product.files'], description: 'search' });
  const media = await readyMedia(entity, { bytes: 'a file', name: 'a.bin' });
  const mine = async (): Promise<Delivery | undefined> => (await deliveries(id, '?event=upload_complete')).find(({ mediaId }) => mediaId === media.id);
  await expect.poll(async () => (await mine())?.state, patient).toBe('delivered');
  const found = (await mine()) ?? expect.fail('it is gone');
  const [{ headers, body } = { headers: {}, body: '' }] = application.got.filter((message) => message.body.includes(media.id));
  const event = await verifyWebhook(body, new Headers(headers as Record<string, string>), secret);
  expect(event).toMatchObject({ type: 'upload_complete', data: { mediaId: media.id } });
  const whole = await ask('GET', `/webhooks/${id}/deliveries/${found.id}`);
  expect(whole).toMatchObject({
    status: 200,
    body: { delivery: { ...found, body: JSON.parse(body), attempts: [{ status: 200, answer: 'thank you' }] } },
  });
  expect(await deliveries(id, '?state=dead')).toEqual([]);

  const again = await ask('POST', `/webhooks/${id}/deliveries/${found.id}/redeliver`);
  expect(again).toMatchObject({ status: 202, body: { delivery: { id: found.id, webhookId: headers['webhook-id'] } } });
  await expect.poll(async () => (await mine())?.attemptCount, patient).toBe(2);
  await expect.poll(async () => (await read(id)).counts.pending, patient).toBe(0);
  const replay = async (only: string) => await ask('POST', `/webhooks/${id}/replay`, { body: { since, only } });
  expect(await replay('failed')).toMatchObject({ status: 202, body: { count: 0 } });
  expect((await replay('all')).body.count).toBeGreaterThanOrEqual(1);
  expect((await ask('DELETE', `/webhooks/${id}`)).status).toBe(200);
});

test('an endpoint for a collection that does not exist is refused: it would wait for ever', async () => {
  const refused = await ask('POST', '/webhooks', { body: { url: 'https://example.com/', collections: ['product.file'] } });
  expectProblem(refused, 400, 'invalid_request');
  expect(refused.body.detail).toContain('product.files');
});

test.skipIf(isElsewhere)('a client that lost the answer repeats its request under its key, and gets the same endpoint and the same secret', async () => {
  const application = await receiver();
  const under = async (path: string, body: object, key: string) => await ask('POST', path, { body, headers: { 'idempotency-key': key } });
  const [create, rotate] = [randomUUID(), randomUUID()];
  const wanted = { url: application.url, collections: quiet, description: create };
  const first = await under('/webhooks', wanted, create);
  expect(first.status).toBe(201);
  const { id } = first.body.webhook;
  expect(await under('/webhooks', wanted, create)).toMatchObject({ status: 201, body: first.body });
  expectProblem(await under('/webhooks', { ...wanted, events: ['media_deleted'] }, create), 422, 'idempotency_mismatch');
  const all: Webhook[] = (await ask('GET', '/webhooks')).body.webhooks;
  expect(all.filter(({ description }) => description === create)).toHaveLength(1);

  const rotated = await under(`/webhooks/${id}/rotate`, { overlapSeconds: 60 }, rotate);
  expect(await under(`/webhooks/${id}/rotate`, { overlapSeconds: 60 }, rotate)).toMatchObject({ status: 200, body: rotated.body });
  await ask('POST', `/webhooks/${id}/test`);
  await delivered(id, 1);
  const [message] = application.got;
  for (const { secret } of [first.body.webhook, rotated.body.webhook])
    await verifyWebhook(message?.body ?? '', new Headers(message?.headers as Record<string, string>), secret);
  expect((await ask('DELETE', `/webhooks/${id}`)).status).toBe(200);
});

test.skipIf(isElsewhere)('an endpoint is listed, tested, changed, rotated and removed; its secret is told twice and never again', async () => {
  const application = await receiver();
  const description = randomUUID();
  const everything = await endpoint({ url: (await receiver()).url });
  expect(everything.events).toEqual(['*']);
  expect((await ask('DELETE', `/webhooks/${everything.id}`)).status).toBe(200);
  const made = await endpoint({ url: application.url, description, events: ['media_restored'], collections: quiet });
  const { id, secret, ...shown } = made;
  expect(made).toMatchObject({ state: 'enabled', disabledReason: null, failingSince: null, fromEnvironment: false });
  expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
  await ask('PATCH', `/webhooks/${id}`, { body: { events: ['media_deleted'] } });
  const test_ = await ask('POST', `/webhooks/${id}/test`);
  expect(test_).toMatchObject({ status: 202, body: { delivery: { event: 'webhook_test', state: 'pending' } } });
  await delivered(id, 1);
  const rotated = await ask('POST', `/webhooks/${id}/rotate`, { body: { overlapSeconds: 60 } });
  expect(rotated.status).toBe(200);
  expect(rotated.body.webhook.secret).not.toBe(secret);
  await ask('POST', `/webhooks/${id}/test`);
  await delivered(id, 2);
  const [first, second] = application.got;
  for (const one of [secret, rotated.body.webhook.secret]) await verifyWebhook(second?.body ?? '', new Headers(second?.headers as Record<string, string>), one);
  await expect(verifyWebhook(first?.body ?? '', new Headers(first?.headers as Record<string, string>), rotated.body.webhook.secret)).rejects.toThrow();

  const listed = (await ask('GET', '/webhooks')).body.webhooks.filter((one: Webhook) => one.description === description);
  expect(listed).toEqual([{ id, ...shown, events: ['media_deleted'], counts: { pending: 0, delivered: 2, dead: 0 } }]);
  expect((await ask('PATCH', `/webhooks/${id}`, { body: { state: 'disabled' } })).body.webhook.state).toBe('disabled');
  expectProblem(await ask('POST', `/webhooks/${id}/test`), 409, 'conflict');
  expect((await ask('PATCH', `/webhooks/${id}`, { body: { state: 'enabled' } })).body.webhook.state).toBe('enabled');
  expect((await ask('DELETE', `/webhooks/${id}`)).body.webhook.id).toBe(id);
  expectProblem(await ask('GET', `/webhooks/${id}`), 404, 'not_found');
});

test.skipIf(isElsewhere)('deliveries come in pages, the newest first', async () => {
  const application = await receiver();
  const { id } = await endpoint({ url: application.url, collections: quiet });
  const tests = [];
  for (let n = 0; n < 3; n++) tests.unshift((await ask('POST', `/webhooks/${id}/test`)).body.delivery.id);
  const first = (await ask('GET', `/webhooks/${id}/deliveries?limit=2`)).body;
  const second = (await ask('GET', `/webhooks/${id}/deliveries?limit=2&cursor=${first.nextCursor}`)).body;
  expect([...first.deliveries, ...second.deliveries].map((one) => one.id)).toEqual(tests);
  expect(second.nextCursor).toBeNull();
  await ask('DELETE', `/webhooks/${id}`);
});

test('unreachable URLs, unknown events and periods that end before they begin are refused', async () => {
  for (const url of ['http://169.254.169.254/', 'http://10.0.0.1/', 'ftp://a.example/', 'https://a:b@a.example/'])
    expectProblem(await ask('POST', '/webhooks', { body: { url } }), 400, 'invalid_request');
  expectProblem(await ask('POST', '/webhooks', { body: { url: 'https://a.example/', events: ['media_eaten'] } }), 400, 'invalid_request');
  const { id } = await endpoint({ url: 'https://a.example/', events: ['media_deleted'] });
  const body = { since: '2026-02-01T00:00:00Z', until: '2026-01-01T00:00:00Z' };
  expectProblem(await ask('POST', `/webhooks/${id}/replay`, { body }), 400, 'invalid_request');
  expectProblem(await ask('POST', `/webhooks/${id}/deliveries/${randomUUID()}/redeliver`), 404, 'not_found');
  expectProblem(await ask('GET', `/webhooks/${id}/deliveries/${randomUUID()}`), 404, 'not_found');
  expectProblem(await ask('PATCH', `/webhooks/${id}`, { body: { url: 'http://169.254.169.254/' } }), 400, 'invalid_request');
  await ask('DELETE', `/webhooks/${id}`);
});

test.skipIf(needsUsers !== null)('only an administrator has anything to do with endpoints', async () => {
  const { token } = await newUser({ scope: 'media:write' });
  expectProblem(await ask('GET', '/webhooks', { token }), 403, 'forbidden');
  expectProblem(await ask('POST', '/webhooks', { token, body: { url: 'https://a.example/' } }), 403, 'forbidden');
});
