import { randomUUID } from 'node:crypto';

import { beforeEach, expect, test } from 'vitest';

import { testDatabase } from '../../../test/support/database.ts';
import { emitOne } from '../../../test/support/events.ts';
import { deliverers, receiver, turnableClock, webhookContext } from '../../../test/support/webhooks.ts';
import { signMessage } from '../../egress/sign-message.ts';
import type { NewEvent } from '../stored-event.ts';
import { listDeliveries, readDelivery } from './deliveries.ts';
import { createWebhook, patchWebhook, readWebhook, rotateWebhook } from './endpoints.ts';
import { redeliver, replayWebhook, testWebhook } from './send-again.ts';
import type { WebhookContext } from './webhook-context.ts';

const database = await testDatabase({ max: 20 });
const { db } = database;
const patient = { timeout: 20_000 };
beforeEach(async () => void (await db.deleteFrom('webhook_endpoint').execute()));

const added = async (ctx: WebhookContext, url: string, more: Partial<Parameters<typeof createWebhook>[1]> = {}) =>
  await createWebhook(ctx, { url, description: '', events: ['*'], collections: null, ...more });
const started = (mediaId: string = randomUUID(), more: Partial<NewEvent> = {}): NewEvent => ({
  name: 'processing_started',
  ownerId: 'ada',
  collection: 'listing.photos',
  mediaId,
  payload: {},
  ...more,
});
const states = async (ctx: WebhookContext, id: string): Promise<string[]> =>
  (await listDeliveries(ctx, { id, limit: 200 })).deliveries.map(({ state, attemptCount }) => `${state} ${attemptCount}`);
/** How many attempts at the only delivery have ended. */
const answered = async (ctx: WebhookContext, id: string): Promise<number | undefined> => {
  const [delivery] = (await listDeliveries(ctx, { id, limit: 1 })).deliveries;
  return delivery === undefined ? undefined : (await readDelivery(ctx, { id, deliveryId: delivery.id })).attempts.length;
};
const onlyDelivery = async (ctx: WebhookContext, id: string) => {
  const [delivery] = (await listDeliveries(ctx, { id, limit: 1 })).deliveries;
  return await readDelivery(ctx, { id, deliveryId: delivery?.id ?? '' });
};

test('an event is sent once, signed, and its outcome is recorded', async () => {
  const ctx = webhookContext(database);
  const application = await receiver((response) => response.writeHead(200).end('thank you'));
  const { id, secret } = await added(ctx, application.url);
  await deliverers(database, ctx);
  const mediaId = randomUUID();
  await emitOne(db, started(mediaId));
  await expect.poll(async () => await states(ctx, id), patient).toEqual(['delivered 1']);
  const [{ headers, body } = { headers: {}, body: '' }] = application.got;
  expect(JSON.parse(body)).toEqual({ type: 'processing_started', timestamp: expect.any(String), data: { mediaId, at: expect.any(String) } });
  const at = new Date(Number(headers['webhook-timestamp']) * 1000);
  expect(headers).toMatchObject(signMessage([secret], { id: String(headers['webhook-id']), body, at }));
  const delivery = await onlyDelivery(ctx, id);
  expect(delivery).toMatchObject({ webhookId: headers['webhook-id'], body: JSON.parse(body), attempts: [{ status: 200, answer: 'thank you' }] });
  const kept = await db.selectFrom('webhook_endpoint').select('secret').where('id', '=', id).executeTakeFirstOrThrow();
  expect(kept.secret).not.toContain(secret.slice(6, 20));
});

test('an endpoint receives only subscribed events, and progress only by name', async () => {
  const ctx = webhookContext(database);
  const application = await receiver();
  const all = await added(ctx, application.url);
  const progress = await added(ctx, application.url, { events: ['upload_progress'] });
  const elsewhere = await added(ctx, application.url, { collections: ['artist.images'] });
  await deliverers(database, ctx);
  await emitOne(db, { name: 'upload_progress', ownerId: 'ada', payload: { progress: 0.5 } });
  await emitOne(db, started());
  await emitOne(db, started(undefined, { collection: 'artist.images' }));
  await expect
    .poll(async () => [await states(ctx, all.id), await states(ctx, progress.id), await states(ctx, elsewhere.id)], patient)
    .toEqual([['delivered 1', 'delivered 1'], ['delivered 1'], ['delivered 1']]);
});

test('no message carries a signed URL, and none is larger than 20 kB', async () => {
  const ctx = webhookContext(database);
  const application = await receiver();
  await added(ctx, application.url);
  await deliverers(database, ctx);
  const media = { id: 'm', collection: 'c', kind: 'image', version: 7, src: 'http://x/media/abc?signature=k.1.s', altText: 'x'.repeat(10) };
  await emitOne(db, { name: 'media_published', ownerId: 'ada', payload: { media } });
  await emitOne(db, { name: 'media_published', ownerId: 'ada', payload: { media: { ...media, altText: 'x'.repeat(30_000) } } });
  await expect.poll(() => application.got.length, patient).toBe(2);
  expect(application.got.map(({ body }) => JSON.parse(body).data.media)).toEqual(
    expect.arrayContaining([
      { ...media, src: null },
      { id: 'm', collection: 'c', kind: 'image', version: 7 },
    ]),
  );
  for (const { body } of application.got) expect(body.length).toBeLessThan(20_480);
});

test('a receiver that is down for three days receives everything once it is back, under the same webhook-id', async () => {
  const clock = turnableClock();
  const ctx = webhookContext(database, { clock });
  let down = true;
  const application = await receiver((response) => response.writeHead(down ? 503 : 204).end());
  const { id } = await added(ctx, application.url);
  await deliverers(database, ctx);
  await emitOne(db, started());
  const back = clock.now().getTime() + 3 * 86_400_000;
  for (let attempts = 1; ; attempts++) {
    await expect.poll(async () => await answered(ctx, id), patient).toBe(attempts);
    const next = Date.parse((await onlyDelivery(ctx, id)).nextAt ?? '');
    if (next > back) down = false;
    clock.advance((next - clock.now().getTime()) / 1000 + 1);
    if (!down) break;
  }
  await expect.poll(async () => (await states(ctx, id))[0], patient).toMatch(/^delivered \d+$/);
  expect(new Set(application.got.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
  expect(application.got.length).toBeGreaterThan(7);
  expect((await readWebhook(ctx, { id })).failingSince).toBeNull();
});

test('five days of only failures disable the endpoint, and missed events can be replayed', async () => {
  const clock = turnableClock();
  const ctx = webhookContext(database, { clock });
  let down = true;
  const application = await receiver((response) => response.writeHead(down ? 500 : 204).end());
  const { id } = await added(ctx, application.url);
  const since = new Date(Date.now() - 1000).toISOString();
  await deliverers(database, ctx);
  await emitOne(db, started());
  await expect.poll(async () => await answered(ctx, id), patient).toBe(1);
  clock.advance(5 * 86_400 + 60);
  await expect.poll(async () => (await readWebhook(ctx, { id })).state, patient).toBe('disabled');
  expect((await readWebhook(ctx, { id })).disabledReason).toContain('failed since');
  const audit = await db.selectFrom('audit').selectAll().where('action', '=', 'webhook_disabled').execute();
  expect(audit.map(({ detail }) => detail)).toContainEqual(expect.objectContaining({ webhookId: id, url: application.url }));
  await emitOne(db, started());
  await expect.poll(async () => await states(ctx, id), patient).toEqual(['dead 0', 'dead 2']);
  await expect(replayWebhook(ctx, { id, since, only: 'failed' })).rejects.toMatchObject({ code: 'conflict' });
  down = false;
  await patchWebhook(ctx, { id, patch: { state: 'enabled' } });
  expect(await replayWebhook(ctx, { id, since, only: 'failed' })).toBe(2);
  await expect.poll(async () => await states(ctx, id), patient).toEqual(['delivered 1', 'delivered 3']);
});

test('410 disables at once, Retry-After is obeyed, a redirect is a failure', async () => {
  const ctx = webhookContext(database);
  const gone = await receiver((response) => response.writeHead(410).end());
  const busy = await receiver((response) => response.writeHead(429, { 'retry-after': '4000' }).end());
  const metadata = await receiver((response) => response.writeHead(307, { location: 'http://169.254.169.254/latest' }).end());
  const ids = [];
  for (const { url } of [gone, busy, metadata]) ids.push((await added(ctx, url)).id);
  const [first = '', second = '', third = ''] = ids;
  await deliverers(database, ctx);
  await emitOne(db, started());
  await expect.poll(async () => (await readWebhook(ctx, { id: first })).disabledReason, patient).toContain('410');
  await expect.poll(async () => await answered(ctx, second), patient).toBe(1);
  expect(Date.parse((await onlyDelivery(ctx, second)).nextAt ?? '') - Date.now()).toBeGreaterThan(3_900_000);
  await expect.poll(async () => (await onlyDelivery(ctx, third)).attempts, patient).toEqual([expect.objectContaining({ status: 307 })]);
});

test('an answer without an end, without headers, or of a gigabyte delays nothing and is stored up to a kilobyte', async () => {
  const ctx = webhookContext(database);
  let sent = 0;
  const huge = await receiver((response) => {
    response.writeHead(200);
    const more = (): void => {
      while (sent < 2 ** 30 && !response.destroyed) {
        sent += 65_536;
        if (!response.write(Buffer.alloc(65_536, 'a'))) return void response.once('drain', more);
      }
    };
    more();
  });
  // Neither the headers nor the end ever arrive.
  const silent = await receiver(() => undefined);
  const dripping = await receiver((response) => {
    response.writeHead(200).write('drip');
  });
  const well = await receiver();
  const ids: string[] = [];
  for (const { url } of [huge, silent, dripping, well]) ids.push((await added(ctx, url)).id);
  await deliverers(database, ctx, { timeoutMs: 2_000 });
  for (let n = 0; n < 20; n++) await emitOne(db, started());
  await expect.poll(() => well.got.length, patient).toBe(20);
  // On a busy machine some attempts may time out before the headers, too; the others show what is stored.
  const attempts = async (index: number) =>
    await db
      .selectFrom('webhook_attempt as a')
      .innerJoin('webhook_delivery as d', 'd.id', 'a.delivery_id')
      .where('d.endpoint_id', '=', ids[index] ?? '')
      .select(['a.status', 'a.answer'])
      .execute();
  await expect.poll(async () => await attempts(0), patient).toContainEqual({ status: 200, answer: 'a'.repeat(1024) });
  await expect.poll(async () => await attempts(1), patient).toContainEqual({ status: null, answer: 'There was no answer within 2 seconds.' });
  await expect.poll(async () => await attempts(2), patient).toContainEqual({ status: 200, answer: 'drip' });
  expect(sent).toBeLessThan(2 ** 27);
});

test('for each media only one message is in progress at a time', async () => {
  const ctx = webhookContext(database);
  const open = new Map<string, number>();
  let most = 0;
  let mostOfOne = 0;
  const application = await receiver((response, { body }) => {
    const { mediaId } = JSON.parse(body).data;
    open.set(mediaId, (open.get(mediaId) ?? 0) + 1);
    mostOfOne = Math.max(mostOfOne, open.get(mediaId) ?? 0);
    most = Math.max(
      most,
      [...open.values()].reduce((sum, count) => sum + count, 0),
    );
    setImmediate(() => {
      open.set(mediaId, (open.get(mediaId) ?? 0) - 1);
      response.writeHead(204).end();
    });
  });
  const { id } = await added(ctx, application.url);
  const media = [randomUUID(), randomUUID(), randomUUID()];
  for (let n = 0; n < 30; n++) await emitOne(db, started(media[n % 3]));
  // Two deliverers that do not know of each other.
  await deliverers(database, ctx);
  await deliverers(database, ctx);
  await expect.poll(async () => (await readWebhook(ctx, { id })).counts, patient).toEqual({ pending: 0, delivered: 30, dead: 0 });
  expect(mostOfOne).toBe(1);
  expect(application.got.length).toBe(30);
});

test('a host name that changes to a private address is refused at delivery, and nobody is contacted there', async () => {
  let address = '93.184.216.34';
  const ctx = webhookContext(database, { loopback: false, resolve: (_name, _options, done) => done(null, [{ address, family: 4 }]) });
  const hidden = await receiver();
  const rebound = `http://rebound.example:${new URL(hidden.url).port}/`;
  const { id } = await added(ctx, rebound);
  await testWebhook(ctx, { id });
  address = '127.0.0.1';
  await deliverers(database, ctx);
  await expect
    .poll(async () => (await onlyDelivery(ctx, id)).attempts, patient)
    .toEqual([expect.objectContaining({ status: null, answer: expect.stringContaining('not a public address') })]);
  expect(hidden.got).toEqual([]);
  const refused = { code: 'invalid_request' };
  for (const url of [hidden.url, rebound, 'http://169.254.169.254/']) await expect(added(ctx, url)).rejects.toMatchObject(refused);
  await expect(testWebhook(ctx, { id })).rejects.toMatchObject(refused);
  await expect(patchWebhook(ctx, { id, patch: { url: rebound } })).rejects.toMatchObject(refused);
});

test('a host name that does not resolve yet is accepted, and one whose name server is silent is not waited for', async () => {
  for (const resolve of [(_: string, __: object, done: (error: Error, none: []) => void) => done(new Error('ENOTFOUND'), []), () => undefined])
    expect(await added(webhookContext(database, { loopback: false, resolve }), 'https://soon.example/')).toMatchObject({ state: 'enabled' });
});

test('during a rotation messages have both signatures, and a redelivery has the same id', async () => {
  const ctx = webhookContext(database);
  const application = await receiver();
  const first = await added(ctx, application.url);
  const { id } = first;
  const second = await rotateWebhook(ctx, { id, overlapSeconds: 60 });
  await deliverers(database, ctx);
  const { id: deliveryId } = await testWebhook(ctx, { id });
  await expect.poll(async () => await states(ctx, id), patient).toEqual(['delivered 1']);
  const [{ headers, body } = { headers: {}, body: '' }] = application.got;
  const at = new Date(Number(headers['webhook-timestamp']) * 1000);
  expect(headers['webhook-signature']).toBe(signMessage([second.secret, first.secret], { id: String(headers['webhook-id']), body, at })['webhook-signature']);
  await redeliver(ctx, { id, deliveryId });
  await expect.poll(async () => await states(ctx, id), patient).toEqual(['delivered 2']);
  expect(application.got[1]?.headers['webhook-id']).toBe(headers['webhook-id']);
  await rotateWebhook(ctx, { id, overlapSeconds: 0 });
  await redeliver(ctx, { id, deliveryId });
  await expect.poll(() => application.got.length, patient).toBe(3);
  expect(String(application.got[2]?.headers['webhook-signature']).split(' ')).toHaveLength(1);
});
