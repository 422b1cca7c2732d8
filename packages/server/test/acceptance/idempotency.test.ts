import { randomUUID } from 'node:crypto';
import http from 'node:http';

import { describe, expect, test } from 'vitest';

import { ask, expectProblem, form, into, needsUsers, newEntity, newUser, nextServer, readyMedia, target, type FileToSend } from './support/api.ts';
import { smallPicture } from './support/pictures.ts';
import { metadata } from './support/tus.ts';

const keyed = (key: string): Record<string, string> => ({ 'idempotency-key': key });
const picture = async (): Promise<FileToSend> => ({ bytes: await smallPicture(), name: 'a.jpg', type: 'image/jpeg' });
const init = (entity = newEntity('listing')) => ({ ...into('listing.photos', entity), filename: 'a.jpg', contentType: 'image/jpeg', byteSize: 100 });

describe('an Idempotency-Key', () => {
  test('answers a repeated JSON request with the first answer, word for word', async () => {
    const [key, body] = [randomUUID(), init()];
    const first = await ask('POST', '/media/upload/init', { body, headers: keyed(key) });
    const second = await ask('POST', '/media/upload/init', { body, headers: keyed(key) });
    expect([first.status, second.status]).toEqual([201, 201]);
    expect(second.body).toEqual(first.body);
    expect([first.headers.get('idempotency-replayed'), second.headers.get('idempotency-replayed')]).toEqual([null, 'true']);
  });

  test('creates nothing for a repeated form', async () => {
    const entity = newEntity('artist');
    const [key, file] = [randomUUID(), await picture()];
    const send = () => ask('POST', '/media', { body: form(into('artist.images', entity), file), headers: keyed(key) });
    const [first, second] = [await send(), await send()];
    expect([first.status, second.status]).toEqual([201, 201]);
    expect(second.body).toEqual(first.body);
    expect(second.headers.get('location')).toBe(first.headers.get('location'));
    expect((await ask('GET', `/entities/${entity.path}/media`)).body.media).toHaveLength(1);
  });

  test.each(['artist.images', 'listing.photos'] as const)('under which a form broke off has its repeat make only what was not made: %s', async (collection) => {
    const entity = newEntity(collection.split('.')[0] ?? '');
    const key = randomUUID();
    const files = [await picture(), await picture()];
    const whole = new Response(form(into(collection, entity), ...files));
    const [type, body] = [whole.headers.get('content-type') ?? '', Buffer.from(await whole.arrayBuffer())];
    const cut = http.request(`${nextServer()}/v1/media`, {
      method: 'POST',
      headers: { authorization: `Bearer ${target.token}`, ...keyed(key), 'content-type': type, 'content-length': body.length },
    });
    cut.on('error', () => undefined);
    cut.write(body.subarray(0, body.length - 100));
    const tray = async (): Promise<string[]> => {
      const { media, tray: waiting } = (await ask('GET', `/entities/${entity.path}/media`)).body;
      return [...media, ...waiting].map(({ id }: { id: string }) => id);
    };
    await expect.poll(tray).toHaveLength(1);
    const [made] = await tray();
    cut.destroy();
    const repeat = async () => await ask('POST', '/media', { body, headers: { ...keyed(key), 'content-type': type } });
    await expect.poll(async () => (await repeat()).status).toBe(207);
    const { results } = (await repeat()).body;
    expect(results).toMatchObject([{ media: { id: made } }, { media: { id: expect.not.stringMatching(made ?? '') } }]);
    expect(await tray()).toHaveLength(2);
  });

  test('that belongs to another request is refused: other JSON, other fields, another file, another operation', async () => {
    const key = randomUUID();
    await ask('POST', '/media/upload/init', { body: init(), headers: keyed(key) });
    expectProblem(await ask('POST', '/media/upload/init', { body: init(), headers: keyed(key) }), 422, 'idempotency_mismatch');
    expectProblem(await ask('POST', '/media', { body: form(into('artist.images'), await picture()), headers: keyed(key) }), 422, 'idempotency_mismatch');

    const entity = newEntity('artist');
    const [other, file] = [randomUUID(), await picture()];
    await ask('POST', '/media', { body: form(into('artist.images', entity), file), headers: keyed(other) });
    expectProblem(
      await ask('POST', '/media', { body: form(into('artist.images', entity), await picture()), headers: keyed(other) }),
      422,
      'idempotency_mismatch',
    );
    expectProblem(
      await ask('POST', '/media', { body: form({ ...into('artist.images', entity), altText: 'x' }, file), headers: keyed(other) }),
      422,
      'idempotency_mismatch',
    );
    expect((await ask('GET', `/entities/${entity.path}/media`)).body.media).toHaveLength(1);
  });

  test('that belongs to the same request for another subject is refused', async () => {
    const entity = newEntity('artist');
    const [one, other] = [await readyMedia(into('artist.images', entity), await picture()), await readyMedia(into('artist.images', entity), await picture())];
    const [key, file] = [randomUUID(), await picture()];
    const replace = async (id: string) => await ask('POST', `/media/${id}/replacement`, { body: form({}, file), headers: keyed(key) });
    const first = await replace(one.id);
    expect(first.status).toBe(202);
    expectProblem(await replace(other.id), 422, 'idempotency_mismatch');
    expect((await replace(one.id)).body).toEqual(first.body);
  });

  test.each([
    ['tus', '/uploads/tus', { 'tus-resumable': '1.0.0', 'upload-length': '100' }],
    ['the IETF’s draft', '/uploads/resumable', { 'upload-draft-interop-version': '6', 'upload-complete': '?0' }],
  ])('opens one upload by %s', async (_protocol, path, told) => {
    const key = randomUUID();
    const values = (name: string) => ({ ...into('listing.photos', newEntity('listing')), filename: name, filetype: 'image/jpeg' });
    const open = (metadataOf: Record<string, string>) => ask('POST', path, { headers: { ...told, ...keyed(key), 'upload-metadata': metadata(metadataOf) } });
    const one = values('one.jpg');
    const [first, second] = [await open(one), await open(one)];
    expect([first.status, second.status]).toEqual([201, 201]);
    expect(second.headers.get('location')).toBe(first.headers.get('location'));
    expect(second.headers.get('idempotency-replayed')).toBe('true');
    expectProblem(await open(values('other.jpg')), 422, 'idempotency_mismatch');
  });

  test('opens one upload by the companion that stock Uppy expects', async () => {
    const key = randomUUID();
    const body = { filename: 'one.jpg', type: 'image/jpeg', metadata: into('listing.photos', newEntity('listing')) };
    const open = async (asked: object) => await ask('POST', '/companion/s3/multipart', { body: asked, headers: keyed(key) });
    const first = await open(body);
    expect(first).toMatchObject({ status: 200, body: { uploadId: expect.any(String) } });
    expect((await open(body)).body).toEqual(first.body);
    expectProblem(await open({ ...body, filename: 'other.jpg' }), 422, 'idempotency_mismatch');
  });

  test('creates one grant, and is refused for another', async () => {
    const media = await readyMedia(into('product.files'), { bytes: 'a book', name: 'book.txt', type: 'text/plain' });
    const [key, body] = [randomUUID(), { transaction: `o-${randomUUID()}`, assetIds: [media.id] }];
    const first = await ask('POST', '/grants', { body, headers: keyed(key) });
    expect(await ask('POST', '/grants', { body, headers: keyed(key) })).toMatchObject({ status: 201, body: first.body });
    expectProblem(await ask('POST', '/grants', { body: { ...body, transaction: `o-${randomUUID()}` }, headers: keyed(key) }), 422, 'idempotency_mismatch');
  });

  test('tries a failed generation again once', async () => {
    const failing = { prompt: 'a lamp', size: '64x64', providerOptions: { local: { fail: 'provider_timeout' } } };
    const { jobId } = (await ask('POST', '/generate/image', { body: failing })).body;
    await expect.poll(async () => (await ask('GET', `/jobs/${jobId}`)).body.job.state, { timeout: 20_000 }).toBe('failed');
    const retry = async (key: string) => await ask('POST', `/jobs/${jobId}/retry`, { headers: keyed(key) });
    const key = randomUUID();
    const first = await retry(key);
    expect(first.status).toBe(202);
    expect((await retry(key)).body).toEqual(first.body);
  });

  test('lets one of many simultaneous requests run; the others are told to wait or get its answer', async () => {
    const entity = newEntity('artist');
    const [key, file] = [randomUUID(), await picture()];
    const answers = await Promise.all(
      Array.from({ length: 5 }, () => ask('POST', '/media', { body: form(into('artist.images', entity), file), headers: keyed(key) })),
    );
    for (const answer of answers) {
      if (answer.status === 201) continue;
      expectProblem(answer, 409, 'idempotency_conflict');
      expect(answer.headers.get('retry-after')).toBe('1');
    }
    expect(new Set(answers.filter(({ status }) => status === 201).map(({ body }) => body.media.id)).size).toBe(1);
    expect((await ask('GET', `/entities/${entity.path}/media`)).body.media).toHaveLength(1);
  });

  test('can be used again after a refusal', async () => {
    const key = randomUUID();
    const entity = newEntity('artist');
    expectProblem(
      await ask('POST', '/media', { body: form(into('artist.images', entity), { bytes: '', name: 'a.jpg', type: 'image/jpeg' }), headers: keyed(key) }),
      422,
      'empty_file',
    );
    expect((await ask('POST', '/media', { body: form(into('artist.images', entity), await picture()), headers: keyed(key) })).status).toBe(201);
  });

  test('that is empty or too long is refused', async () => {
    expectProblem(await ask('POST', '/media/upload/init', { body: init(), headers: keyed('k'.repeat(256)) }), 400, 'invalid_request');
  });

  test.skipIf(needsUsers !== null)(`of one caller means nothing to another (${needsUsers ?? 'needs users'})`, async () => {
    const [ada, eve] = [await newUser(), await newUser()];
    const [key, body] = [randomUUID(), init()];
    const first = await ask('POST', '/media/upload/init', { body, headers: keyed(key), token: ada.token });
    const second = await ask('POST', '/media/upload/init', { body, headers: keyed(key), token: eve.token });
    expect([first.status, second.status]).toEqual([201, 201]);
    expect(second.body.uploadId).not.toBe(first.body.uploadId);
  });
});
