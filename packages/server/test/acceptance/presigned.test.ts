import { createHash, createHmac } from 'node:crypto';

import { describe, expect, test } from 'vitest';

import { ask, endedJob, expectProblem, into, needsUsers, newEntity, newUser, settled, target, type Answer, type Asked } from './support/api.ts';
import { smallPicture } from './support/pictures.ts';
import { expectPutRefused, expectStored, isServed, putSigned as put } from './support/signed-put.ts';

type Opened = { uploadId: string; uploadURL: string; headers: Record<string, string>; objectPath: string; expiresAt: string; method: string };

const open = async (bytes: Buffer, extra: Record<string, unknown> = {}, asked: Asked = {}): Promise<Opened> => {
  const answer = await ask('POST', '/media/upload/init', {
    ...asked,
    body: { ...into('listing.photos'), filename: 'photo.jpg', contentType: 'image/jpeg', byteSize: bytes.length, ...extra },
  });
  expect(answer.status, JSON.stringify(answer.body)).toBe(201);
  return answer.body;
};
const complete = async (body: { uploadId?: string; objectPath?: string }, asked: Asked = {}): Promise<Answer> =>
  await ask('POST', '/media/upload/complete', { ...asked, body });

describe('a presigned upload', () => {
  test('goes from init over a PUT without a token to a published photo', async () => {
    const bytes = await smallPicture();
    const opened = await open(bytes);
    expect(opened).toMatchObject({ method: 'PUT', expiresAt: expect.stringMatching(/Z$/) });
    const stored = await put(opened, bytes);
    expectStored(stored);
    expect(stored.headers.get('etag')).toMatch(/^".+"$/);

    const completed = await complete({ uploadId: opened.uploadId });
    expect(completed.status).toBe(202);
    expect(completed.body).toMatchObject({ path: opened.objectPath, url: null, media: { published: false } });
    expect(completed.headers.get('location')).toBe(`/v1/jobs/${completed.body.jobId}`);

    expect(await endedJob(completed.body.jobId)).toMatchObject({ type: 'finalize', state: 'complete', assetId: completed.body.media.id });
    expect(await settled(completed.body.media.id)).toMatchObject({ status: 'ready', published: true, originalFileName: 'photo.jpg', byteSize: bytes.length });
  });

  test('takes files that look like a request, JSON and plain text, in a PUT as in every other protocol', async () => {
    for (const [filename, contentType, content] of [
      ['a.json', 'application/json', JSON.stringify('x'.repeat(2_000_000))],
      ['a.txt', 'text/plain', 'Some words.'],
    ] as const) {
      const bytes = Buffer.from(content);
      const { entityType, entityId } = newEntity('product');
      const opened = await open(bytes, { collection: 'product.files', entityType, entityId, filename, contentType });
      expectStored(await put(opened, bytes));
      const { body } = await complete({ uploadId: opened.uploadId });
      expect(await settled(body.media.id)).toMatchObject({ status: 'ready', byteSize: bytes.length });
      expect((await ask('GET', `//download/${body.media.id}`)).bytes).toEqual(bytes);
    }
  });

  test('is completed by its object path as well as by its id', async () => {
    const bytes = await smallPicture();
    const opened = await open(bytes);
    await put(opened, bytes);
    const completed = await complete({ objectPath: opened.objectPath });
    expect(completed.status).toBe(202);
    expect((await settled(completed.body.media.id)).status).toBe('ready');
  });

  test('that is completed many times, even in parallel, is one asset and one job', async () => {
    const bytes = await smallPicture();
    const opened = await open(bytes);
    await put(opened, bytes);
    const answers = await Promise.all(Array.from({ length: 6 }, () => complete({ uploadId: opened.uploadId })));
    await settled(answers[0]?.body.media.id);
    answers.push(await complete({ uploadId: opened.uploadId }), await complete({ objectPath: opened.objectPath }));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([202]));
    expect(new Set(answers.map(({ body }) => `${body.jobId} ${body.media.id} ${body.path}`)).size).toBe(1);
  });

  test('cannot be changed by replaying its PUT, before or after it was completed', async () => {
    const [bytes, other] = [await smallPicture(), await smallPicture()];
    const opened = await open(bytes, { byteSize: undefined });
    await put(opened, bytes);
    await put(opened, other);
    const { body } = await complete({ uploadId: opened.uploadId });
    expectPutRefused(await put(opened, other), opened.uploadURL, 409, 'conflict');
    const media = await settled(body.media.id);
    const late = await put(opened, other);
    // If the upload has left its bucket by now, its key there is free again, and watched until the URL has expired.
    if (isServed(opened.uploadURL) || late.status !== 200) expectPutRefused(late, opened.uploadURL, 409, 'conflict');
    expect((await ask('GET', `//download/${media.id}`)).bytes).toEqual(bytes);
    expect((await ask('DELETE', `/media/${media.id}?purge=now`)).status).toBe(200);
    await put(opened, other);
    expect((await ask('POST', '/admin/discrepancies', { body: { prefix: opened.objectPath.split('/').slice(0, 3).join('/') } })).body).toMatchObject({
      discrepancies: [],
    });
  });

  test('whose answer was lost can be put again: it is the same object, or the bucket says that it has one, and it is complete', async () => {
    const bytes = await smallPicture();
    const opened = await open(bytes);
    const [first, second] = [await put(opened, bytes), await put(opened, bytes)];
    expectStored(first);
    if (isServed(opened.uploadURL)) expect([second.status, second.headers.get('etag')]).toEqual([200, first.headers.get('etag')]);
    else expectPutRefused(second, opened.uploadURL, 409, 'conflict');
    expect((await complete({ uploadId: opened.uploadId })).status).toBe(202);
  });

  test('answers 200 only for the bytes that it keeps, even if two are put at once', async () => {
    const [bytes, other] = [await smallPicture(), await smallPicture()];
    const opened = await open(bytes, { byteSize: undefined });
    const answers = await Promise.all([bytes, other, bytes, other].map(async (one) => await put(opened, one)));
    const kept = answers[0]?.status === 200 || answers[2]?.status === 200 ? bytes : other;
    if (isServed(opened.uploadURL)) expect(answers.map(({ status }) => status)).toEqual(kept === bytes ? [200, 409, 200, 409] : [409, 200, 409, 200]);
    expectPutRefused(await put(opened, kept === bytes ? other : bytes), opened.uploadURL, 409, 'conflict');
    const { body } = await complete({ uploadId: opened.uploadId });
    await settled(body.media.id);
    const stored = (await ask('GET', `//download/${body.media.id}`)).bytes;
    // Azure serves this URL itself and has no condition that could be signed into it: of two at once the later one stays (docs/uploads.md).
    if (isServed(opened.uploadURL)) expect(stored).toEqual(kept);
    else expect([bytes, other]).toContainEqual(stored);
  });

  test('refuses an incomplete file, one without the declared digest, and any type but the signed one', async ({ skip }) => {
    const bytes = await smallPicture();
    const opened = await open(bytes, { byteSize: undefined });
    skip(!isServed(opened.uploadURL), 'the provider serves this URL, and says in its own way what it does not take');
    const md5 = (of: Buffer): string => createHash('md5').update(of).digest('base64');
    const sent = async (headers: Record<string, string>) => await put({ ...opened, headers: { ...opened.headers, ...headers } }, bytes);
    expectProblem(await sent({ 'content-range': `bytes 0-${bytes.length - 1}/${bytes.length * 2}` }), 400, 'invalid_request');
    expectProblem(await sent({ 'content-md5': md5(Buffer.from('other')) }), 400, 'checksum_mismatch');
    expectProblem(await sent({ 'content-md5': 'nonsense' }), 400, 'invalid_request');
    expectProblem(await sent({ 'x-amz-checksum-crc32': 'AAAAAA==' }), 400, 'checksum_mismatch');
    expectProblem(await sent({ 'content-encoding': 'aws-chunked' }), 400, 'invalid_request');
    expectProblem(await sent({ 'content-type': 'text/html' }), 403, 'forbidden');
    // Nothing of this has been kept.
    expectProblem(await complete({ uploadId: opened.uploadId }), 409, 'upload_incomplete');
    expectStored(await sent({ 'content-md5': md5(bytes), 'content-type': 'Image/JPEG' }));
    expectProblem(await sent({ 'content-md5': md5(Buffer.from('other')) }), 400, 'checksum_mismatch');
    expect((await complete({ uploadId: opened.uploadId })).status).toBe(202);
  });

  test('that has not arrived is incomplete, and can be completed once it has', async () => {
    const bytes = await smallPicture();
    const opened = await open(bytes);
    expectProblem(await complete({ uploadId: opened.uploadId }), 409, 'upload_incomplete');
    await put(opened, bytes);
    expect((await complete({ uploadId: opened.uploadId })).status).toBe(202);
  });

  test('takes neither more nor fewer bytes than declared, and can still be corrected if the PUT was refused', async () => {
    const bytes = await smallPicture();
    for (const [wrong, status, code] of [
      [Buffer.concat([bytes, Buffer.from('x')]), 413, 'file_too_large'],
      [bytes.subarray(0, -1), 409, 'upload_incomplete'],
    ] as const) {
      const opened = await open(bytes);
      const answer = await put(opened, wrong);
      if (answer.status < 300) {
        // A bucket that cannot bind the size takes it once; completing it is refused.
        expect(isServed(opened.uploadURL)).toBe(false);
        expectProblem(await complete({ uploadId: opened.uploadId }), 409, 'upload_incomplete');
        expect((await complete({ uploadId: opened.uploadId })).status).toBeGreaterThanOrEqual(400);
        continue;
      }
      expectPutRefused(answer, opened.uploadURL, status, code);
      expectProblem(await complete({ uploadId: opened.uploadId }), 409, 'upload_incomplete');
      expectStored(await put(opened, bytes));
      expect((await complete({ uploadId: opened.uploadId })).status).toBe(202);
    }
  });

  test('with another digest than declared is refused, at the latest when its bytes are read', async () => {
    const bytes = await smallPicture();
    const opened = await open(bytes, { sha256: '0'.repeat(64) });
    const answer = await put(opened, bytes);
    if (answer.status >= 300) return expectPutRefused(answer, opened.uploadURL, 422, 'checksum_mismatch');
    expect(isServed(opened.uploadURL)).toBe(false);
    const { body } = await complete({ uploadId: opened.uploadId });
    expect(await endedJob(body.jobId)).toMatchObject({ state: 'failed', error: { code: 'checksum_mismatch', retryable: false } });
    expect(await settled(body.media.id)).toMatchObject({ status: 'failed', src: null });
  });

  test('without any byte is refused', async () => {
    expectProblem(
      await ask('POST', '/media/upload/init', { body: { ...into('listing.photos'), filename: 'a.jpg', contentType: 'image/jpeg', byteSize: 0 } }),
      422,
      'empty_file',
    );
    const opened = await open(Buffer.alloc(0), { byteSize: undefined });
    await put(opened, '');
    expect((await complete({ uploadId: opened.uploadId })).body.code).toBeOneOf(['empty_file', 'upload_incomplete']);
  });

  test('that is not of its claimed type fails visibly, with its code, and leaves nothing to deliver', async () => {
    const bytes = Buffer.from('<!doctype html><title>This is no photo</title>');
    const opened = await open(bytes);
    await put(opened, bytes);
    const { body } = await complete({ uploadId: opened.uploadId });
    expect(await endedJob(body.jobId)).toMatchObject({ state: 'failed', error: { code: 'type_mismatch', retryable: false } });
    const media = await settled(body.media.id);
    expect(media).toMatchObject({ status: 'failed', published: false, src: null, failure: { stage: 'finalize', code: 'type_mismatch', retryable: false } });
    expect((await ask('GET', `//download/${media.id}`)).status).toBe(404);
    expectProblem(await ask('POST', `/media/${media.id}/retry`), 409, 'conflict');
  });
});

describe('the URL of a presigned upload', () => {
  test('opens nothing if one character of it was changed', async () => {
    const bytes = await smallPicture();
    const opened = await open(bytes);
    const other = await open(bytes);
    const url = new URL(opened.uploadURL);
    const swap = (change: (changed: URL) => void): string => {
      const changed = new URL(url);
      change(changed);
      return changed.href;
    };
    // The parameter has our name, that of S3 and Google Cloud, or that of Azure.
    const signature = [...url.searchParams.keys()].find((name) => /signature$|^sig$/i.test(name)) ?? 'none';
    const forged = [
      swap((changed) => (changed.pathname = new URL(other.uploadURL).pathname)),
      swap((changed) => (changed.pathname += 'x')),
      swap((changed) => changed.searchParams.set(signature, `${url.searchParams.get(signature)}x`)),
      swap((changed) => changed.searchParams.set(signature, 'a.b.c')),
      swap((changed) => changed.searchParams.set(signature, '')),
      swap((changed) => changed.searchParams.delete(signature)),
      ...(url.searchParams.has('upload') ? [swap((changed) => changed.searchParams.set('upload', other.uploadId))] : []),
    ];
    for (const uploadURL of forged) expectPutRefused(await put({ ...opened, uploadURL }, bytes), uploadURL, 403, 'forbidden');
    expectProblem(await complete({ uploadId: opened.uploadId }), 409, 'upload_incomplete');
  });

  test.skipIf(target.signingSecret === null)('opens nothing when it has expired (needs a target that was started here)', async ({ skip }) => {
    const bytes = await smallPicture();
    const opened = await open(bytes);
    // How a provider's own URLs expire is tested in the suite of its adapter.
    skip(!isServed(opened.uploadURL), 'the provider signed this URL, not the target');
    const expires = Math.floor(Date.now() / 1000) - 1;
    const url = new URL(opened.uploadURL);
    const mac = (at: number): string =>
      createHmac('sha256', target.signingSecret ?? '')
        .update(JSON.stringify(['storage-put', at, opened.uploadId, opened.objectPath]))
        .digest('base64url');
    const signed = (at: number): Opened => {
      url.searchParams.set('signature', `acceptance.${at.toString(36)}.${mac(at)}`);
      return { ...opened, uploadURL: url.href };
    };
    expectProblem(await put(signed(expires), bytes), 403, 'forbidden');
    expectStored(await put(signed(expires + 60), bytes));
  });
});

describe('a presigned upload of somebody else', () => {
  test.skipIf(needsUsers !== null)(`does not exist (${needsUsers ?? 'needs users'})`, async () => {
    const [ada, eve] = [await newUser(), await newUser()];
    const bytes = await smallPicture();
    const opened = await open(bytes, {}, ada);
    await put(opened, bytes);
    expectProblem(await complete({ uploadId: opened.uploadId }, eve), 404, 'not_found');
    expectProblem(await complete({ objectPath: opened.objectPath }, eve), 404, 'not_found');
    expect((await complete({ uploadId: opened.uploadId }, ada)).status).toBe(202);
  });

  test('is not found if there is none of that id, or the id is malformed', async () => {
    expectProblem(await complete({ uploadId: '019aa000-0000-7000-8000-000000000000' }), 404, 'not_found');
    expectProblem(await complete({ objectPath: 'media/nobody/nothing.jpg' }), 404, 'not_found');
    expectProblem(await complete({ uploadId: 'x' }), 400, 'invalid_request');
    expectProblem(await complete({}), 400, 'invalid_request');
  });
});
