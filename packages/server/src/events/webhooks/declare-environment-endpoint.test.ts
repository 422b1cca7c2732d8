import { randomUUID } from 'node:crypto';

import { beforeEach, expect, test } from 'vitest';

import { testDatabase } from '../../../test/support/database.ts';
import { emitOne } from '../../../test/support/events.ts';
import { deliverers, receiver, webhookContext } from '../../../test/support/webhooks.ts';
import { signMessage } from '../../egress/sign-message.ts';
import { declareEnvironmentEndpoint } from './declare-environment-endpoint.ts';
import { deleteWebhook, listWebhooks, patchWebhook, rotateWebhook } from './endpoints.ts';
import { newSecret } from './endpoint-secrets.ts';

const database = await testDatabase({ max: 10 });
const ctx = webhookContext(database);
beforeEach(async () => void (await database.db.deleteFrom('webhook_endpoint').execute()));
const only = async () => (await listWebhooks(ctx)).webhooks[0] ?? expect.fail('there is no endpoint');

test('the endpoint in the environment variables receives the named events, signed with its secret', async () => {
  const application = await receiver();
  const secret = newSecret();
  await declareEnvironmentEndpoint(ctx, { url: application.url, secret, events: ['processing_started'] });
  await deliverers(database, ctx);
  const about = (name: 'processing_started' | 'processing_complete') => ({ name, ownerId: 'ada', collection: 'c', mediaId: randomUUID(), payload: {} });
  await emitOne(database.db, about('processing_complete'));
  await emitOne(database.db, about('processing_started'));
  await expect.poll(() => application.got.length, { timeout: 20_000 }).toBe(1);
  const [{ headers, body } = { headers: {}, body: '' }] = application.got;
  expect(JSON.parse(body).type).toBe('processing_started');
  const at = new Date(Number(headers['webhook-timestamp']) * 1000);
  expect(headers).toMatchObject(signMessage([secret], { id: String(headers['webhook-id']), body, at }));
});

test('any number of servers write one; a restart changes it, and a start without it disables it until the next one', async () => {
  const wanted = { url: 'https://a.example/', secret: newSecret(), events: ['*'] };
  await Promise.all(Array.from({ length: 5 }, async () => await declareEnvironmentEndpoint(ctx, wanted)));
  expect((await listWebhooks(ctx)).webhooks).toMatchObject([{ url: 'https://a.example/', fromEnvironment: true, state: 'enabled' }]);
  await declareEnvironmentEndpoint(ctx, { ...wanted, url: 'https://b.example/' });
  expect(await only()).toMatchObject({ url: 'https://b.example/', state: 'enabled' });
  await declareEnvironmentEndpoint(ctx, null);
  expect(await only()).toMatchObject({ state: 'disabled', disabledReason: 'The environment names it no longer.' });
  await declareEnvironmentEndpoint(ctx, wanted);
  expect(await only()).toMatchObject({ url: 'https://a.example/', state: 'enabled', disabledReason: null });
});

test('it cannot be changed, rotated or removed by the API', async () => {
  await declareEnvironmentEndpoint(ctx, { url: 'https://a.example/', secret: newSecret(), events: ['*'] });
  const { id } = await only();
  const refused = { code: 'conflict', message: expect.stringContaining('SAFELIGHT_WEBHOOK_URL') };
  await expect(patchWebhook(ctx, { id, patch: { description: 'x' } })).rejects.toMatchObject(refused);
  await expect(rotateWebhook(ctx, { id, overlapSeconds: 0 })).rejects.toMatchObject(refused);
  await expect(deleteWebhook(ctx, { id })).rejects.toMatchObject(refused);
});
