import type { EntityMediaSync, TrayMedia } from '@safelight/contract/collections';
import type { Media } from '@safelight/contract/media';
import { describe, expect, test } from 'vitest';

import { ask, endedJob, expectProblem, form, newEntity, newUser, readyMedia, settled, upload, needsUsers, type Asked } from './support/api.ts';
import { jpeg, smallPicture } from './support/pictures.ts';
import { putSigned } from './support/signed-put.ts';

type Entity = ReturnType<typeof newEntity>;
const into = (entity: Entity) => ({ collection: 'artist.images', entityType: 'artist', entityId: entity.entityId });
const newArtist = (): Entity => newEntity('artist');

async function artistWith(count: number, asked: Asked = {}): Promise<{ entity: Entity; ids: string[] }> {
  const entity = newArtist();
  const ids: string[] = [];
  for (let n = 0; n < count; n++) ids.push((await readyMedia(into(entity), await jpeg(), asked)).id);
  return { entity, ids };
}
const read = async (entity: Entity, asked: Asked = {}) => (await ask('GET', `/entities/${entity.path}/media`, asked)).body;
const sync = async (entity: Entity, etag: string | undefined, items: EntityMediaSync['items'], asked: Asked = {}) =>
  await ask('PUT', `/entities/${entity.path}/media`, { ...asked, headers: etag === undefined ? {} : { 'if-match': etag }, body: { items } });
const idsOf = (body: { media: Media[] }): string[] => body.media.map(({ id }) => id);

describe('a collection as an edit form leaves it', () => {
  test('takes order, alt text, purposes and removals in one request, and answers what GET answers', async () => {
    const { entity, ids } = await artistWith(4);
    const [a = '', b = '', c = '', d = ''] = ids;
    const before = await read(entity);
    const answer = await sync(entity, before.etag, [{ id: d, altText: 'the last is first' }, { id: b, purpose: 'profile' }, { id: a }]);
    expect(answer.status, JSON.stringify(answer.body)).toBe(200);
    expect(answer.headers.get('etag')).toBe(answer.body.etag);
    expect(idsOf(answer.body)).toEqual([d, b, a]);
    expect(answer.body.media.map(({ sortOrder }: Media) => sortOrder)).toEqual([0, 1, 2]);
    expect(answer.body.media[0].altText).toBe('the last is first');
    expect(answer.body.profileImageURL).toBe(answer.body.media[1].src);
    expect(answer.body.etag).not.toBe(before.etag);
    expect(await read(entity)).toEqual(answer.body);
    expectProblem(await ask('GET', `/media/${c}`), 410, 'gone');
    expect((await ask('POST', `/media/${c}/restore`)).status).toBe(200);
    expect(idsOf(await read(entity))).toEqual([d, b, c, a]);
  });

  test('is refused without If-Match, or with an outdated one, and then nothing has changed', async () => {
    const { entity, ids } = await artistWith(2);
    const [a = '', b = ''] = ids;
    const { etag } = await read(entity);
    expectProblem(await sync(entity, undefined, [{ id: b }, { id: a }]), 428, 'precondition_required');
    expect((await sync(entity, etag, [{ id: b }, { id: a }])).status).toBe(200);
    expectProblem(await sync(entity, etag, [{ id: a }]), 412, 'precondition_failed');
    expect(idsOf(await read(entity))).toEqual([b, a]);
    await ask('PATCH', `/media/${a}`, { body: { altText: 'changed elsewhere' } });
    expectProblem(await sync(entity, (await read(entity, { token: null })).etag === '' ? '' : etag, [{ id: a }]), 412, 'precondition_failed');
  });

  test('is all or nothing: one wrong item refuses the whole request, and the answer names it', async () => {
    const { entity, ids } = await artistWith(2);
    const [a = '', b = ''] = ids;
    const { entity: other, ids: foreign } = await artistWith(1);
    const before = await read(entity);
    const answer = await sync(entity, before.etag, [{ id: b, altText: 'never' }, { id: foreign[0] }, { id: b }, { id: a, purpose: 'no such' }]);
    expectProblem(answer, 400, 'invalid_request');
    expect(answer.body.errors.map(({ field }: { field: string }) => field)).toEqual(['items.1.id', 'items.2.id', 'items.3.purpose']);
    expectProblem(
      await sync(entity, before.etag, [
        { id: a, purpose: 'profile' },
        { id: b, purpose: 'profile' },
      ]),
      400,
      'invalid_request',
    );
    expect(await read(entity)).toEqual(before);
    expect(idsOf(await read(other))).toEqual(foreign);
  });

  test('takes uploads, completed or not, at the place where they are listed', async () => {
    const { entity, ids } = await artistWith(1);
    const uploads: string[] = [];
    for (let n = 0; n < 2; n++) {
      const bytes = await smallPicture();
      const opened = (
        await ask('POST', '/media/upload/init', { body: { ...into(entity), filename: 'new.jpg', contentType: 'image/jpeg', byteSize: bytes.length } })
      ).body;
      await fetch(opened.uploadURL, { method: 'PUT', headers: opened.headers, body: new Uint8Array(bytes) });
      uploads.push(opened.uploadId);
    }
    await ask('POST', '/media/upload/complete', { body: { uploadId: uploads[1] } });
    const nothing = (await ask('POST', '/media/upload/init', { body: { ...into(entity), filename: 'never.jpg' } })).body.uploadId;
    const { etag } = await read(entity);
    expectProblem(await sync(entity, etag, [{ uploadId: uploads[0] }, { uploadId: nothing }]), 409, 'upload_incomplete');
    expect((await read(entity)).etag.split('.')[0]).toBe(etag.split('.')[0]);
    const answer = await sync(entity, etag, [{ uploadId: uploads[0], altText: 'first' }, { id: ids[0] }, { uploadId: uploads[1], purpose: 'profile' }]);
    expect(answer.status, JSON.stringify(answer.body)).toBe(200);
    const all: TrayMedia[] = [...answer.body.media, ...answer.body.tray];
    for (const { id, upload: onItsWay } of all) if ((onItsWay ?? null) === null) await settled(id);
    const after = await read(entity);
    expect(after.media.map(({ altText, purpose, sortOrder }: Media) => ({ altText, purpose, sortOrder }))).toEqual([
      { altText: 'first', purpose: 'gallery', sortOrder: 0 },
      { altText: null, purpose: 'gallery', sortOrder: 1 },
      { altText: null, purpose: 'profile', sortOrder: 2 },
    ]);
  });

  test('shows unfinished media in the tray to those who may act on them, and lets a form list them like everything else', async () => {
    const { entity, ids } = await artistWith(1);
    const before = await read(entity);
    const bytes = await smallPicture();
    const declared = { filename: 'coming.jpg', contentType: 'image/jpeg', byteSize: bytes.length, altText: 'Coming' };
    const opened = (await ask('POST', '/media/upload/init', { body: { ...into(entity), ...declared } })).body;
    const during = await read(entity);
    expect(during.tray).toMatchObject([
      {
        status: 'pending',
        published: false,
        originalFileName: 'coming.jpg',
        altText: 'Coming',
        byteSize: bytes.length,
        src: null,
        upload: { id: opened.uploadId, state: 'open', expiresAt: opened.expiresAt },
      },
    ]);
    expect((await read(entity, { token: null })).tray).toEqual([]);
    const [editBefore, editDuring] = [before, during].map(({ etag }) => etag.split('.')[0]);
    expect({ edit: editDuring, etag: during.etag }).toEqual({ edit: editBefore, etag: expect.not.stringMatching(before.etag) });
    const { id } = during.tray[0];
    const synced = await sync(entity, before.etag, [{ id }, { id: ids[0], altText: 'Here' }]);
    expect(synced.status, JSON.stringify(synced.body)).toBe(200);
    expect(synced.body).toMatchObject({ media: [{ id: ids[0], altText: 'Here' }], tray: [{ id }] });
    await fetch(opened.uploadURL, { method: 'PUT', headers: opened.headers, body: new Uint8Array(bytes) });
    expect((await ask('POST', '/media/upload/complete', { body: { uploadId: opened.uploadId } })).body.media.id).toBe(id);
    await settled(id);
    expect(await read(entity)).toMatchObject({ media: [{ id: ids[0] }, { id, altText: 'Coming' }], tray: [] });
    const given = (await ask('POST', '/media/upload/init', { body: { ...into(entity), ...declared } })).body;
    await ask('DELETE', `/media/upload/${given.uploadId}`);
    expect((await read(entity)).tray).toEqual([]);
  });

  test('accepts as many as its policy allows, however many arrive at once', async () => {
    const entity = newEntity('strict');
    const fields = { collection: 'test.strict', entityType: 'strict', entityId: entity.entityId };
    const answers = await Promise.all(Array.from({ length: 8 }, async () => await upload(fields, await jpeg())));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(2);
    for (const answer of answers) if (answer.status !== 201) expectProblem(answer, 409, 'collection_full');
    const { media, etag } = await read(entity);
    const bytes = await smallPicture();
    const before = media.map(({ id }: Media) => id);
    await ask('DELETE', `/media/${before[1]}`);
    const opened = (await ask('POST', '/media/upload/init', { body: { ...fields, filename: 'third.jpg', contentType: 'image/jpeg' } })).body;
    await fetch(opened.uploadURL, { method: 'PUT', headers: opened.headers, body: new Uint8Array(bytes) });
    expectProblem(await sync(entity, etag, [{ id: before[0] }, { uploadId: opened.uploadId }]), 412, 'precondition_failed');
    const swapped = await sync(entity, (await read(entity)).etag, [{ uploadId: opened.uploadId }, { id: before[0] }]);
    expect(swapped.status, JSON.stringify(swapped.body)).toBe(200);
  });

  test('accepts a form although a photo became ready in the meantime', async () => {
    const entity = newEntity('gated');
    const fields = { collection: 'test.gated', entityType: 'gated', entityId: entity.entityId };
    const { id } = (await upload(fields, await jpeg())).body.media;
    const { etag } = await read(entity);
    await settled(id);
    expect((await sync(entity, etag, [{ id, altText: 'said while it was processed' }])).status).toBe(200);
  });

  test.skipIf(needsUsers !== null)('is nobody else’s to change', async () => {
    const owner = await newUser();
    const stranger = await newUser();
    const { entity, ids } = await artistWith(1, { token: owner.token });
    expectProblem(await sync(entity, '*', [], { token: stranger.token }), 403, 'forbidden');
    expectProblem(await ask('POST', `/media/${ids[0]}/replacement`, { token: stranger.token, body: form({}, await jpeg()) }), 403, 'forbidden');
    expect(idsOf(await read(entity))).toEqual(ids);
  });

  test('serialises fifty edits at once: each is taken whole or refused, and none is lost', async () => {
    const { entity, ids } = await artistWith(3);
    const { etag } = await read(entity);
    const answers = await Promise.all(
      Array.from(
        { length: 50 },
        async (_, n) =>
          await sync(
            entity,
            etag,
            [...ids].toSorted(() => (n % 2) - 0.5).map((id) => ({ id, altText: `edit ${n}` })),
          ),
      ),
    );
    expect(answers.map(({ status }) => status).filter((status) => status !== 412)).toEqual([200]);
    const winner = answers.findIndex(({ status }) => status === 200);
    expect((await read(entity)).media.map(({ altText }: Media) => altText)).toEqual(ids.map(() => `edit ${winner}`));
  });
});

describe('a replacement', () => {
  test('takes the place, order, purpose and alt text of the photo, once it is ready; an undo swaps them back', async () => {
    const { entity, ids } = await artistWith(3);
    const [a = '', b = '', c = ''] = ids;
    await ask('PATCH', `/media/${b}`, { body: { altText: 'on stage', purpose: 'profile' } });
    const old = (await ask('GET', `/media/${b}`)).body.media;
    const answer = await ask('POST', `/media/${b}/replacement`, { body: form({}, await jpeg()) });
    expect(answer.status, JSON.stringify(answer.body)).toBe(202);
    expect(answer.body.media).toMatchObject({ replaces: b, published: false });
    const next = answer.body.media.id;
    await endedJob(answer.body.jobId);
    const after = await read(entity);
    expect(idsOf(after)).toEqual([a, next, c]);
    expect(after.media[1]).toMatchObject({ replaces: null, altText: 'on stage', purpose: 'profile', sortOrder: old.sortOrder, published: true });
    expect(after.profileImageURL).toBe(after.media[1].src);
    expect((await ask('GET', old.src, { token: null })).status).toBe(404);
    expect((await ask('POST', `/media/${b}/restore`)).body.media).toMatchObject({
      id: b,
      published: true,
      replaces: null,
      sortOrder: old.sortOrder,
      purpose: 'profile',
    });
    expect(idsOf(await read(entity))).toEqual([a, b, c]);
    expect((await ask('POST', `/media/${next}/restore`)).status).toBe(200);
    expect(idsOf(await read(entity))).toEqual([a, next, c]);
  });

  test('that cannot be processed is a row in the tray; the photo stays', async () => {
    const { entity, ids } = await artistWith(1);
    const broken = (await smallPicture()).subarray(0, 300);
    const answer = await ask('POST', `/media/${ids[0]}/replacement`, { body: form({}, { bytes: broken, name: 'broken.jpg', type: 'image/jpeg' }) });
    await endedJob(answer.body.jobId);
    const after = await read(entity);
    expect(idsOf(after)).toEqual(ids);
    expect(after.tray).toMatchObject([{ id: answer.body.media.id, status: 'failed', replaces: ids[0], failure: { code: 'corrupt_media' } }]);
    expect((await ask('DELETE', `/media/${answer.body.media.id}`)).status).toBe(200);
    expect((await read(entity)).tray).toEqual([]);
  });

  test('is superseded by a newer one, and of twenty at once one remains', async () => {
    const { entity, ids } = await artistWith(1);
    const answers = await Promise.all(
      Array.from({ length: 20 }, async () => await ask('POST', `/media/${ids[0]}/replacement`, { body: form({}, await jpeg()) })),
    );
    const jobs = answers.flatMap(({ status, body }) => (status === 202 ? [body.jobId] : []));
    expect(answers.map(({ status }) => status).filter((status) => status !== 202 && status !== 410)).toEqual([]);
    await Promise.all(jobs.map(async (id) => await endedJob(id)));
    await expect.poll(async () => (await read(entity)).tray, { timeout: 20_000 }).toEqual([]);
    const after = await read(entity);
    expect(after.media).toHaveLength(1);
    expect(after.media[0].id).not.toBe(ids[0]);
  });

  test('is completed together with the upload that brought it', async () => {
    const { entity, ids } = await artistWith(1);
    const bytes = await smallPicture();
    const opened = (await ask('POST', '/media/upload/init', { body: { ...into(entity), filename: 'new.jpg', contentType: 'image/jpeg' } })).body;
    await fetch(opened.uploadURL, { method: 'PUT', headers: opened.headers, body: new Uint8Array(bytes) });
    const asked = { headers: { 'idempotency-key': opened.uploadId }, body: { uploadId: opened.uploadId, altText: 'new' } };
    const answer = await ask('POST', `/media/${ids[0]}/replacement`, asked);
    expect(answer.status, JSON.stringify(answer.body)).toBe(202);
    const again = await ask('POST', `/media/${ids[0]}/replacement`, asked);
    expect(again.body).toEqual(answer.body);
    expect(again.headers.get('idempotency-replayed')).toBe('true');
    expect(answer.body.media.replaces).toBe(ids[0]);
    await endedJob(answer.body.jobId);
    expect((await read(entity)).media).toMatchObject([{ id: answer.body.media.id, altText: 'new', replaces: null }]);
  });

  test('fits into a full collection, if its upload says what it replaces', async () => {
    const entity = newEntity('strict');
    const fields = { collection: 'test.strict', entityType: 'strict', entityId: entity.entityId };
    const [first, second] = [await readyMedia(fields, await jpeg()), await readyMedia(fields, await jpeg())];
    const open = async (change: object) =>
      await ask('POST', '/media/upload/init', { body: { ...fields, filename: 'new.jpg', contentType: 'image/jpeg', ...change } });
    expectProblem(await open({}), 409, 'collection_full');
    expectProblem(await ask('POST', '/media/upload/init', { body: { ...into(newArtist()), filename: 'new.jpg', replaces: first.id } }), 400, 'invalid_request');
    expectProblem(await open({ replaces: '01930000-0000-7000-8000-000000000000' }), 404, 'not_found');
    const { body: opened, status } = await open({ replaces: first.id });
    expect(status, JSON.stringify(opened)).toBe(201);
    expect((await read(entity)).tray).toMatchObject([{ replaces: first.id, upload: { id: opened.uploadId, replaces: first.id } }]);
    await fetch(opened.uploadURL, { method: 'PUT', headers: opened.headers, body: new Uint8Array(await smallPicture()) });
    expectProblem(await sync(entity, (await read(entity)).etag, [{ uploadId: opened.uploadId }]), 400, 'invalid_request');
    const completed = (await ask('POST', '/media/upload/complete', { body: { uploadId: opened.uploadId } })).body;
    expect(completed.media).toMatchObject({ replaces: first.id });
    await endedJob(completed.jobId);
    expect(await read(entity)).toMatchObject({ media: [{ id: completed.media.id, replaces: null, sortOrder: first.sortOrder }, { id: second.id }], tray: [] });
    expect((await ask('POST', '/media/upload/complete', { body: { uploadId: opened.uploadId } })).body.media.id).toBe(completed.media.id);

    // The same on a bad network.
    const metadata = Object.entries({ ...fields, filename: 'newer.jpg', replaces: second.id }).map(([key, value]) => `${key} ${btoa(value)}`);
    const bytes = await smallPicture();
    const resumable = await ask('POST', '/uploads/tus', {
      headers: {
        'tus-resumable': '1.0.0',
        'upload-length': String(bytes.length),
        'upload-metadata': metadata.join(','),
        'content-type': 'application/offset+octet-stream',
      },
      body: bytes,
    });
    expect(resumable.status, JSON.stringify(resumable.body)).toBe(201);
    await expect.poll(async () => (await read(entity)).media[1].id, { timeout: 20_000 }).not.toBe(second.id);
    expect(await read(entity)).toMatchObject({ media: [{ id: completed.media.id }, { originalFileName: 'newer.jpg', sortOrder: second.sortOrder }], tray: [] });
  });

  test.skipIf(needsUsers !== null)(`by somebody who manages the site stays its owner's, however it was uploaded (${needsUsers ?? 'needs users'})`, async () => {
    const [ada, mia] = [await newUser(), await newUser({ scope: 'media:manage' })];
    const bytes = await smallPicture();
    const uploaded = async (entity: Entity, replaces?: string): Promise<{ uploadId: string; objectPath: string }> => {
      const body = { ...into(entity), filename: 'a.jpg', contentType: 'image/jpeg', byteSize: bytes.length, ...(replaces === undefined ? {} : { replaces }) };
      const { body: opened } = await ask('POST', '/media/upload/init', { ...mia, body });
      await putSigned(opened, bytes);
      return opened;
    };
    for (const way of ['opened for it', 'named', 'completed, then named']) {
      const entity = newArtist();
      const photo = await readyMedia(into(entity), { bytes, name: 'a.jpg', type: 'image/jpeg' }, ada);
      const { uploadId, objectPath } = await uploaded(entity, way === 'opened for it' ? photo.id : undefined);
      if (way !== 'named') expect((await ask('POST', '/media/upload/complete', { ...mia, body: { uploadId } })).status).toBe(202);
      if (way !== 'opened for it') expect((await ask('POST', `/media/${photo.id}/replacement`, { ...mia, body: { uploadId } })).status).toBe(202);
      await expect.poll(async () => (await read(entity)).media).toMatchObject([{ ownerId: ada.id, published: true, id: expect.not.stringMatching(photo.id) }]);
      expect((await upload(into(entity), { bytes, name: 'b.jpg', type: 'image/jpeg' }, ada)).status).toBe(201);
      expect((await ask('DELETE', `/media/${objectPath}`, ada)).status).toBe(200);
    }
  });

  test('is deleted with its photo, and restored with it', async () => {
    const { entity, ids } = await artistWith(1);
    const broken = { bytes: (await smallPicture()).subarray(0, 300), name: 'broken.jpg', type: 'image/jpeg' };
    const { jobId, media } = (await ask('POST', `/media/${ids[0]}/replacement`, { body: form({}, broken) })).body;
    await endedJob(jobId);
    await ask('DELETE', `/media/${ids[0]}`);
    expect(await read(entity)).toMatchObject({ media: [], tray: [] });
    expectProblem(await ask('POST', `/media/${media.id}/restore`), 409, 'conflict');
    await ask('POST', `/media/${ids[0]}/restore`);
    expect(await read(entity)).toMatchObject({ media: [{ id: ids[0] }], tray: [{ id: media.id, replaces: ids[0] }] });
  });
});
