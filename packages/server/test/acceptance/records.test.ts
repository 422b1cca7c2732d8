import { describe, expect, test } from 'vitest';

import { ask, expectProblem, into, newEntity, readyMedia, settled, upload } from './support/api.ts';
import { needsOperator, operate } from './support/operate.ts';
import { jpeg } from './support/pictures.ts';
import { putSigned } from './support/signed-put.ts';

const made = async (entity = newEntity('artist')) => await readyMedia(into('artist.images', entity), await jpeg());

describe('a record', () => {
  test('is answered with an ETag, and with 304 to a client that has it', async () => {
    const { id } = await made();
    const first = await ask('GET', `/media/${id}`);
    const etag = first.headers.get('etag') ?? '';
    expect(etag).toMatch(/^".+"$/);
    for (const ifNoneMatch of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
      const again = await ask('GET', `/media/${id}`, { headers: { 'if-none-match': ifNoneMatch } });
      expect({ ifNoneMatch, status: again.status, etag: again.headers.get('etag'), bytes: again.bytes.length }).toEqual({
        ifNoneMatch,
        status: 304,
        etag,
        bytes: 0,
      });
    }
    expect((await ask('GET', `/media/${id}`, { headers: { 'if-none-match': '"other"' } })).status).toBe(200);
  });

  test('can be changed in its descriptive fields, and then has another ETag', async () => {
    const { id } = await made();
    const before = await ask('GET', `/media/${id}`);
    const changed = await ask('PATCH', `/media/${id}`, { body: { altText: 'A red boat', sortOrder: 9, focalPoint: { x: 0.25, y: 1 } } });
    expect(changed.status).toBe(200);
    expect(changed.body.media).toMatchObject({ altText: 'A red boat', sortOrder: 9, focalPoint: { x: 0.25, y: 1 }, src: before.body.media.src });
    expect(changed.headers.get('etag')).not.toBe(before.headers.get('etag'));
    const after = await ask('GET', `/media/${id}`);
    expect(after.headers.get('etag')).toBe(changed.headers.get('etag'));
    expect(after.body.media).toEqual(changed.body.media);
    expect((await ask('PATCH', `/media/${id}`, { body: { altText: null } })).body.media.altText).toBeNull();
  });

  test('can be changed by only one of two clients that read the same version', async () => {
    const { id } = await made();
    const etag = (await ask('GET', `/media/${id}`)).headers.get('etag') ?? '';
    const answers = await Promise.all(['a', 'b', 'c'].map((altText) => ask('PATCH', `/media/${id}`, { body: { altText }, headers: { 'if-match': etag } })));
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 412, 412]);
    const lost = answers.find(({ status }) => status === 412);
    if (lost !== undefined) expectProblem(lost, 412, 'precondition_failed');
    expectProblem(await ask('DELETE', `/media/${id}`, { headers: { 'if-match': etag } }), 412, 'precondition_failed');
    expect((await ask('PATCH', `/media/${id}`, { body: { altText: 'd' }, headers: { 'if-match': '*' } })).status).toBe(200);
  });

  test('takes only purposes of its collection, and no unknown field; the answer names both', async () => {
    const { id } = await made();
    for (const body of [{ purpose: 'clip' }, { colour: 'red' }]) {
      const refused = await ask('PATCH', `/media/${id}`, { body });
      expectProblem(refused, 400, 'invalid_request');
      expect(refused.body.errors.map(({ field }: { field: string }) => field)).toEqual(Object.keys(body));
    }
  });

  test('is the only profile image of its entity, however many are chosen at once', async () => {
    const entity = newEntity('artist');
    const ids = (await Promise.all([made(entity), made(entity), made(entity)])).map(({ id }) => id);
    await Promise.all(ids.map((id) => ask('PATCH', `/media/${id}`, { body: { purpose: 'profile' } })));
    const { media, profileImageURL } = (await ask('GET', `/entities/${entity.path}/media`)).body;
    const profiles = media.filter(({ purpose }: { purpose: string }) => purpose === 'profile');
    expect(profiles).toHaveLength(1);
    expect(profileImageURL).toBe(profiles[0].src);
  });
});

describe('a deleted record', () => {
  test('is hidden at once, everywhere: record, lists, entity, every URL', async () => {
    const entity = newEntity('artist');
    const media = await made(entity);
    const urls = Object.values(media.variants).map(({ src }) => src);
    const deleted = await ask('DELETE', `/media/${media.id}`);
    expect(deleted.status).toBe(200);
    expect(deleted.body).toMatchObject({
      media: { id: media.id, published: false, src: null, variants: {}, deletedAt: expect.any(String) },
      undoUntil: expect.stringMatching(/Z$/),
    });
    const answers = await Promise.all([
      ...urls.map((url) => ask('GET', url)),
      ...urls.map((url) => ask('GET', url, { token: null })),
      ask('GET', `//view/${media.id}`),
      ask('GET', `//download/${media.id}`),
    ]);
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 404));
    expectProblem(await ask('GET', `/media/${media.id}`), 410, 'gone');
    expectProblem(await ask('GET', `/media/${media.id}`, { token: null }), 404, 'not_found');
    expect((await ask('GET', `/entities/${entity.path}/media`)).body).toMatchObject({ media: [], tray: [] });
    expect((await ask('GET', `/media?entity=${entity.path}`)).body.media).toEqual([]);
  });

  test('is not confirmed to a client that revalidates its cached copy', async () => {
    const { id, src } = await made();
    const etag = (await ask('GET', src ?? '')).headers.get('etag') ?? '';
    await ask('DELETE', `/media/${id}`);
    expect((await ask('GET', src ?? '', { headers: { 'if-none-match': etag } })).status).toBe(404);
  });

  test('can be restored to its place under its old URLs, repeatedly', async () => {
    const entity = newEntity('artist');
    const [first, second] = [await made(entity), await made(entity)];
    await ask('DELETE', `/media/${first.id}`);
    for (let round = 0; round < 2; round++) {
      const restored = await ask('POST', `/media/${first.id}/restore`);
      expect(restored.status).toBe(200);
      expect(restored.body.media).toMatchObject({
        id: first.id,
        published: true,
        deletedAt: null,
        undoUntil: null,
        sortOrder: first.sortOrder,
        src: expect.any(String),
      });
    }
    expect((await ask('GET', first.src ?? '', { token: null })).status).toBe(200);
    const { media } = (await ask('GET', `/entities/${entity.path}/media`)).body;
    expect(media.map(({ id }: { id: string }) => id)).toEqual([first.id, second.id]);
  });

  test('answers the same undo window when it is deleted again, and cannot be changed', async () => {
    const { id } = await made();
    const [first, second] = [await ask('DELETE', `/media/${id}`), await ask('DELETE', `/media/${id}`)];
    expect(second.status).toBe(200);
    expect(second.body.undoUntil).toBe(first.body.undoUntil);
    expectProblem(await ask('PATCH', `/media/${id}`, { body: { altText: 'x' } }), 410, 'gone');
  });

  test('without an undo window is gone for good, and its old URL never shows a later upload', async () => {
    const entity = newEntity('artist');
    const file = await jpeg();
    const media = await readyMedia(into('artist.images', entity), file);
    expect((await ask('DELETE', `/media/${media.id}?purge=now`)).status).toBe(200);
    await expect.poll(async () => (await ask('GET', `/media/${media.id}`)).status, { timeout: 20_000 }).toBe(404);
    expectProblem(await ask('POST', `/media/${media.id}/restore`), 404, 'not_found');
    const again = await upload(into('artist.images', entity), file);
    expect(again.body.media.src).not.toBe(media.src);
    expect((await ask('GET', media.src ?? '')).status).toBe(404);
    expect((await ask('GET', again.body.media.src)).status).toBe(200);
    const { entries } = (await ask('GET', `/admin/audit?assetId=${media.id}`)).body;
    expect(entries).toMatchObject([
      {
        action: 'purge_now',
        assetId: media.id,
        collection: 'artist.images',
        actorId: expect.any(String),
        at: expect.stringMatching(/Z$/),
        detail: {
          ownerId: media.ownerId,
          entity: media.entity,
          fileName: media.originalFileName,
          keys: expect.arrayContaining([expect.stringContaining(media.id)]),
        },
      },
    ]);
    const page = (await ask('GET', '/admin/audit?limit=1')).body;
    expect(page.entries).toHaveLength(1);
    expectProblem(await ask('GET', '/admin/audit?cursor=bm8', {}), 400, 'invalid_request');
  });

  test.skipIf(needsOperator !== null)('for good is remembered on the command line too', async () => {
    const media = await readyMedia(into('artist.images'), await jpeg());
    await ask('DELETE', `/media/${media.id}?purge=now`);
    const { entries } = (await ask('GET', `/admin/audit?assetId=${media.id}`)).body;
    expect(await operate('audit', '--media', media.id)).toEqual({ entries, nextCursor: null });
  });

  test('can be named by the path that its upload answered', async () => {
    const opened = await ask('POST', '/media/upload/init', { body: { filename: 'mine.jpg', contentType: 'image/jpeg' } });
    await putSigned(opened.body, (await jpeg()).bytes);
    const { body } = await ask('POST', '/media/upload/complete', { body: { uploadId: opened.body.uploadId } });
    expect(body.media).toMatchObject({ collection: 'user.library' });
    // If uploads go to a bucket of their own, the file has another path by now; both name it.
    expect((await settled(body.media.id)).path).toMatch(/^media\//);
    const deleted = await ask('DELETE', `/media/${opened.body.objectPath}`);
    expect(deleted.status).toBe(200);
    expect(deleted.body.media.id).toBe(body.media.id);
    expectProblem(await ask('DELETE', '/media/media/nobody/nothing/a.jpg'), 404, 'not_found');

    const kept = await readyMedia(into('artist.images'), await jpeg());
    expect((await ask('GET', `/media/${kept.id}`, { token: null })).body.media.path).toBeNull();
    expect((await ask('DELETE', `/media/${kept.path}`)).body.media.id).toBe(kept.id);
  });
});
