import { randomUUID } from 'node:crypto';

import { createClient, type Client, type UploadSnapshot } from '@safelight/client';
import { expect, test } from 'vitest';

import { receiver } from '../support/webhooks.ts';
import { ask, into, newUser, nextServer, readyMedia, settled, target } from './support/api.ts';
import { phonePhoto, smallPicture } from './support/pictures.ts';

const open = (): Client => createClient({ baseURL: nextServer(), token: () => target.token });
const fileOf = (bytes: Buffer, name: string): File => new File([new Uint8Array(bytes)], name, { type: 'image/jpeg' });

test('the client uploads a photo straight to storage, and follows it by events until it is ready', async () => {
  const client = open();
  const task = client.upload(fileOf(await phonePhoto(), 'lamp.jpg'), into('listing.photos'));
  const seen: UploadSnapshot[] = [];
  task.subscribe(() => seen.push(task.getSnapshot()));
  const { media, url, path } = await task.result;

  expect([...new Set(seen.map(({ state }) => state))]).toEqual(['checking', 'uploading', 'processing', 'done']);
  expect(seen.find(({ advice }) => advice !== null)).toBeUndefined();
  expect(media).toMatchObject({ status: 'ready', published: true, originalFileName: 'lamp.jpg' });
  expect(url).toBe(media.src);
  expect(path).toMatch(/^media\/.+\/lamp\.jpg$/);
  expect((await ask('GET', url ?? '', { token: null })).status).toBe(200);
});

test('the client takes the ready record of an inline collection from the answer', async () => {
  const task = open().upload(fileOf(await smallPicture(), 'profile.jpg'), { ...into('artist.images'), altText: 'Ada' });
  const { media, path } = await task.result;
  expect(path).toBe(media.path);
  expect(media).toMatchObject({ path: expect.stringMatching(/^media\//), status: 'ready', altText: 'Ada', originalFileName: 'profile.jpg' });
  expect(task.getSnapshot()).toMatchObject({ state: 'done', progress: 1 });
});

test('the client sends a file without a destination to the default collection of the server', async () => {
  const { media, path } = await open().upload(fileOf(await smallPicture(), 'any.jpg')).result;
  expect(media).toMatchObject({ collection: 'user.library', status: 'ready' });
  // As it was uploaded; if uploads go to a separate bucket, the record has another one by now.
  expect(path).toMatch(/^media\/.*any\.jpg$/);
});

test('the client fails with the server’s reason, and a refusal has its request id', async () => {
  const torn = (await phonePhoto()).subarray(0, 40_000);
  await expect(open().upload(fileOf(torn, 'torn.jpg'), into('listing.photos')).result).rejects.toMatchObject({ code: 'corrupt_media' });
  const notAPicture = open().upload(new File(['hello'], 'a.txt', { type: 'text/plain' }), into('listing.photos'));
  await expect(notAPicture.result).rejects.toMatchObject({ code: 'unsupported_type', status: 415, requestId: expect.any(String) });
  expect(notAPicture.getSnapshot().advice, 'as the rules had advised').toMatchObject({ code: 'unsupported_type' });
});

test('the client changes, deletes and restores, and receives the events in order', async () => {
  const client = open();
  const { media } = await client.upload(fileOf(await smallPicture(), 'vase.jpg'), into('artist.images')).result;
  const leaving = new AbortController();
  const opened = Promise.withResolvers<void>();
  const heard: string[] = [];
  const following = (async () => {
    const events = client.events.follow({ mediaId: media.id }, { signal: leaving.signal, onState: ({ state }) => state === 'open' && opened.resolve() });
    for await (const { event } of events) {
      heard.push(event);
      if (event === 'media_restored') leaving.abort();
    }
  })();
  await opened.promise;

  const { etag } = await client.media.readWithEtag(media.id);
  expect(await client.media.patch(media.id, { altText: 'A vase' }, { ifMatch: etag ?? undefined })).toMatchObject({ altText: 'A vase' });
  await expect(client.media.patch(media.id, { altText: 'Late' }, { ifMatch: etag ?? undefined })).rejects.toMatchObject({ code: 'precondition_failed' });
  const { undoUntil } = await client.media.delete(media.id);
  expect(Date.parse(undoUntil)).toBeGreaterThan(Date.now());
  await expect(client.media.read(media.id)).rejects.toMatchObject({ code: 'gone' });
  expect(await client.media.restore(media.id)).toMatchObject({ published: true, altText: 'A vase' });
  await following;
  expect(heard.filter((name) => name === 'media_deleted' || name === 'media_restored')).toEqual(['media_deleted', 'media_restored']);
});

test('the client walks a library of more than one page', async () => {
  const client = open();
  const destination = into('artist.images');
  const picture = await smallPicture();
  const made = await Promise.all(['a', 'b', 'c'].map(async (name) => (await client.upload(fileOf(picture, `${name}.jpg`), destination).result).media.id));
  const found: string[] = [];
  for await (const { id } of client.media.all({ entity: `${destination.entityType}/${destination.entityId}`, limit: 2 })) found.push(id);
  expect(found.toSorted()).toEqual(made.toSorted());
});

test('an upload that the client aborts leaves nothing to wait for', async () => {
  const bytes = await phonePhoto(2400, 1800);
  const task = open().upload(fileOf(bytes, 'left.jpg'), into('listing.photos'));
  const left = Promise.withResolvers<void>();
  task.subscribe(() => {
    if (task.getSnapshot().bytesSent > 0) left.resolve();
  });
  await left.promise;
  task.abort(new Error('changed my mind'));
  // It may have been accepted at that very moment, and is then an ordinary record.
  const ended = await task.result.then(
    async ({ media }) => (await settled(media.id)).status,
    (error: Error) => error.message,
  );
  expect(ended).toBeOneOf(['changed my mind', 'ready']);
});

test('the client lists an upload that has begun, and ends it', async () => {
  const client = open();
  const opened = await client.request('openUpload', { body: { filename: 'begun.jpg', contentType: 'image/jpeg', byteSize: 1000, ...into('listing.photos') } });
  const uploadId = 'uploadId' in opened ? opened.uploadId : '';
  const { uploads } = await client.uploads.list({ limit: 200 });
  expect(uploads.find(({ id }) => id === uploadId)).toMatchObject({ state: 'open', filename: 'begun.jpg', byteSize: 1000 });
  expect(await client.uploads.abort(uploadId)).toMatchObject({ id: uploadId, state: 'aborted' });
  expect((await client.uploads.read(uploadId)).state).toBe('aborted');
});

test('the client replaces a photo with that of a finished upload, saves the order of its entity, and signs a URL for whoever has it', async () => {
  const client = open();
  const place = into('listing.photos');
  const upload = async (name: string) => await client.upload(fileOf(await smallPicture(), name), place).result;
  const [old, other] = [await upload('old.jpg'), await upload('other.jpg')];
  const bytes = await smallPicture();
  const body = { filename: 'new.jpg', contentType: 'image/jpeg', byteSize: bytes.length, ...place };
  const opened = await client.request('openUpload', { body });
  if (!('uploadURL' in opened)) throw new Error('One upload was asked for.');
  await fetch(opened.uploadURL, { method: 'PUT', headers: opened.headers, body: new Uint8Array(bytes) });
  await client.request('completeUpload', { body: { uploadId: opened.uploadId } });
  const { media: next } = await client.media.replace(old.media.id, { uploadId: opened.uploadId });
  const ofEntity = async () => await client.entities.read(place.entityType, place.entityId, { collection: place.collection });
  await expect.poll(async () => (await ofEntity()).media.map(({ id }) => id), { timeout: 30_000 }).toEqual([next?.id, other.media.id]);

  const { etag } = await ofEntity();
  const items = [{ id: other.media.id }, { id: next?.id }];
  const save = async () => await client.entities.save(place.entityType, place.entityId, items, { collection: place.collection, ifMatch: etag });
  expect((await save()).media.map(({ id }) => id)).toEqual([other.media.id, next?.id]);
  await expect(save()).rejects.toMatchObject({ code: 'precondition_failed' });

  const { url } = await client.media.signedURL(other.media.id, { expiresInSeconds: 60 });
  expect([200, 302]).toContain((await ask('GET', URL.canParse(url) ? url : `/${url}`, { token: null })).status);
});

test('the client sells a file: it grants, changes, revokes and restores a purchase, and reads what buyers did with it', async () => {
  const { grants } = open();
  const [media, extra] = [
    await readyMedia(into('product.files'), { bytes: 'a song', name: 'song.bin' }),
    await readyMedia(into('product.files'), { bytes: 'a score', name: 'score.bin' }),
  ];
  const transaction = `order-${randomUUID()}`;
  const made = await grants.create({ transaction, assetIds: [media.id], maxDownloads: 2 });
  expect(await grants.create({ transaction, assetIds: [media.id], maxDownloads: 2 })).toEqual(made);
  const visit = async (url = ''): Promise<number> => (await ask('GET', nextServer() + new URL(url).pathname + new URL(url).search, { token: null })).status;
  expect(await visit(made.files[0]?.url)).toBe(200);
  await expect.poll(async () => (await grants.downloads(transaction)).downloads.map(({ mediaId }) => mediaId), { timeout: 30_000 }).toEqual([media.id]);

  expect((await grants.patch(transaction, { addAssetIds: [extra.id] })).assetIds).toEqual([media.id, extra.id]);
  expect((await grants.revoke(transaction)).revokedAt).not.toBeNull();
  expect(await visit(made.files[0]?.url)).toBe(410);
  await expect.poll(async () => (await grants.refusals(transaction)).length, { timeout: 30_000 }).toBeGreaterThan(0);
  expect((await grants.restore(transaction)).revokedAt).toBeNull();
  expect((await grants.renewAddress(transaction)).files[0]?.url).not.toBe(made.files[0]?.url);
  expect((await grants.list({ limit: 200 })).grants.map((grant) => grant.transaction)).toContain(transaction);
});

// The application runs on the machine of the suite, where only a product that was started here can reach it.
test.skipIf(target.reviewer === null)('the client adds a webhook endpoint, tests, rotates, changes and removes it, and reads what was delivered', async () => {
  const { webhooks } = open();
  const application = await receiver();
  const { id, secret } = await webhooks.create({ url: application.url, events: ['media_restored'] });
  expect((await webhooks.list()).map((webhook) => webhook.id)).toContain(id);
  const tested = await webhooks.test(id);
  await expect.poll(async () => (await webhooks.delivery(id, tested.id)).attempts, { timeout: 30_000 }).toMatchObject([{ status: 204 }]);
  expect((await webhooks.deliveries(id)).deliveries.map((delivery) => delivery.id)).toContain(tested.id);
  expect((await webhooks.redeliver(id, tested.id)).id).toBe(tested.id);
  expect(await webhooks.replay(id, { since: new Date().toISOString(), only: 'failed' })).toBe(0);
  expect((await webhooks.rotate(id, { overlapSeconds: 0 })).secret).not.toBe(secret);
  expect((await webhooks.patch(id, { description: 'search' })).description).toBe('search');
  expect((await webhooks.read(id)).description).toBe('search');
  await webhooks.remove(id);
  await expect(webhooks.read(id)).rejects.toMatchObject({ code: 'not_found' });
});

test('the client has a picture generated, receives its result as typed events, and knows the models and the remaining allowance', async () => {
  // Nobody else uses the allowance.
  const user = await newUser();
  const client = createClient({ baseURL: nextServer(), token: () => user.token });
  const models = await client.generate.models();
  expect(models.find(({ provider }) => provider === 'local')).toMatchObject({ available: true, price: null, shutdownDate: null });
  const before = await client.generate.usage();
  const { jobId } = await client.generate.image({ prompt: 'a lamp', provider: 'local', size: '64x48' });
  for await (const told of client.events.follow({ jobId }, { signal: AbortSignal.timeout(40_000) })) {
    if (told.event === 'generation_failed') throw new Error(told.data.error.message);
    if (told.event !== 'generation_complete') continue;
    const { media, urls, requested, failures, cost } = told.data.result;
    expect({ urls, requested, failures, cost }).toEqual({ urls: [media[0]?.src], requested: 1, failures: [], cost: null });
    expect(media[0]?.generated).toMatchObject({ jobId, provider: 'local', prompt: 'a lamp' });
    break;
  }
  expect((await client.generate.usage()).images.used).toBe(before.images.used + 1);
  await expect(client.jobs.retry(jobId)).rejects.toMatchObject({ code: 'conflict' });
});
