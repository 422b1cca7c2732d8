import { randomBytes } from 'node:crypto';

import { describe, expect, test } from 'vitest';

import { ask, endedJob, expectProblem, needsUsers, newEntity, newUser, nextServer, settled, target, type Answer, type Asked } from './support/api.ts';
import { smallPicture } from './support/pictures.ts';
import { expectStored, isServed } from './support/signed-put.ts';

type Part = { partNumber: number; url: string; headers: Record<string, string> };
type Opened = { uploadId: string; partSize: number; parts: Part[]; objectPath: string };

const mebibyte = 2 ** 20;
const anywhere = () => {
  const { entityType, entityId } = newEntity('product');
  return { collection: 'product.files', entityType, entityId };
};
const open = async (byteSize: number | undefined, asked: Asked = {}): Promise<Opened> => {
  const answer = await ask('POST', '/media/upload/init', {
    ...asked,
    body: { ...anywhere(), filename: 'film.bin', multipart: true, ...(byteSize === undefined ? {} : { byteSize }) },
  });
  expect(answer.status, JSON.stringify(answer.body)).toBe(201);
  return answer.body;
};
const put = async (part: Part | undefined, bytes: Buffer): Promise<Answer> =>
  await ask('PUT', part?.url ?? '', { token: null, headers: part?.headers ?? {}, body: bytes });
const pieceOf = (bytes: Buffer, { partSize }: Opened, partNumber: number): Buffer => bytes.subarray((partNumber - 1) * partSize, partNumber * partSize);
const complete = async (uploadId: string, parts?: { partNumber: number; etag: string }[], asked: Asked = {}): Promise<Answer> =>
  await ask('POST', '/media/upload/complete', { ...asked, body: { uploadId, ...(parts === undefined ? {} : { parts }) } });
const sendAll = async (opened: Opened, bytes: Buffer): Promise<{ partNumber: number; etag: string }[]> =>
  await Promise.all(
    opened.parts.map(async (part) => {
      const answer = await put(part, pieceOf(bytes, opened, part.partNumber));
      expectStored(answer);
      // Azure answers no ETag; then it is completed by numbers.
      return { partNumber: part.partNumber, etag: answer.headers.get('etag') ?? '' };
    }),
  );
const delivered = async (completed: Answer): Promise<Buffer> => {
  await endedJob(completed.body.jobId);
  return (await ask('GET', `//download/${completed.body.media.id}`)).bytes;
};

describe('an upload in parts', () => {
  test('takes its parts in any order, in parallel and repeatedly, and is whole at the end', async () => {
    const bytes = randomBytes(17 * mebibyte + 3);
    const opened = await open(bytes.length);
    expect(opened.partSize).toBeGreaterThanOrEqual(5 * mebibyte);
    expect(opened.parts.map(({ partNumber }) => partNumber)).toEqual(
      Array.from({ length: Math.ceil(bytes.length / opened.partSize) }, (_, index) => index + 1),
    );
    // A part that was cut off is sent again, and the last one counts.
    await put(opened.parts[1], randomBytes(opened.partSize));
    const etags = await sendAll({ ...opened, parts: opened.parts.toReversed() }, bytes);
    const completed = await complete(opened.uploadId, etags);
    expect(completed.status, JSON.stringify(completed.body)).toBe(202);
    expect((await delivered(completed)).equals(bytes)).toBe(true);
  });

  test('is resumed from the parts that arrived, with newly signed URLs, without a single ETag', async () => {
    const bytes = randomBytes(9 * mebibyte);
    const opened = await open(bytes.length);
    await put(opened.parts[0], pieceOf(bytes, opened, 1));
    const { body } = await ask('GET', `/media/upload/${opened.uploadId}/parts`);
    expect(body).toEqual({ partSize: opened.partSize, parts: [{ partNumber: 1, etag: expect.any(String), byteSize: opened.partSize }] });
    const signed = await ask('POST', `/media/upload/${opened.uploadId}/parts`, { body: { partNumbers: [2] } });
    expectStored(await put(signed.body.parts[0], pieceOf(bytes, opened, 2)));
    const completed = await complete(opened.uploadId);
    expect(completed.status).toBe(202);
    expect((await delivered(completed)).equals(bytes)).toBe(true);
  });

  test('names the part that is missing, has another size, or another ETag', async () => {
    const bytes = randomBytes(17 * mebibyte);
    const opened = await open(bytes.length);
    expectProblem(await complete(opened.uploadId), 409, 'upload_incomplete');
    const third = await put(opened.parts[2], pieceOf(bytes, opened, 3));
    const first = await put(opened.parts[0], pieceOf(bytes, opened, 1));
    const etagOf = (answer: Answer): string => answer.headers.get('etag') ?? '';
    const gap = await complete(opened.uploadId);
    expectProblem(gap, 409, 'upload_incomplete');
    expect(gap.body.errors).toEqual([{ field: 'parts.2', message: expect.stringContaining('Part 2') }]);
    const wrong = await complete(opened.uploadId, [
      { partNumber: 1, etag: '"nonsense"' },
      { partNumber: 3, etag: etagOf(third) },
    ]);
    expect(wrong.body).toMatchObject({ code: 'upload_incomplete', errors: [{ field: 'parts.1' }] });
    await put(opened.parts[1], pieceOf(bytes, opened, 2).subarray(0, 5 * mebibyte));
    const short = await complete(opened.uploadId);
    expect(short.body).toMatchObject({ code: 'upload_incomplete', errors: [{ field: 'parts.2', message: expect.stringContaining(String(opened.partSize)) }] });
    const second = await put(opened.parts[1], pieceOf(bytes, opened, 2));
    const completed = await complete(
      opened.uploadId,
      [first, second, third].map((answer, index) => ({ partNumber: index + 1, etag: etagOf(answer) })),
    );
    expect(completed.status, JSON.stringify(completed.body)).toBe(202);
    expect((await delivered(completed)).equals(bytes)).toBe(true);
  });

  test('is completed once, however often and from however many clients', async () => {
    const bytes = randomBytes(9 * mebibyte);
    const opened = await open(bytes.length);
    const etags = await sendAll(opened, bytes);
    const answers = await Promise.all([complete(opened.uploadId, etags), complete(opened.uploadId), complete(opened.uploadId, etags)]);
    expect(answers.map(({ status }) => status)).toEqual([202, 202, 202]);
    expect(new Set(answers.map(({ body }) => body.jobId)).size).toBe(1);
    await endedJob(answers[0].body.jobId);
    expect((await complete(opened.uploadId, etags)).body.media.id).toBe(answers[0].body.media.id);
  });

  test('cannot be changed by its URLs once it is complete', async () => {
    const bytes = randomBytes(6 * mebibyte);
    const opened = await open(bytes.length);
    await sendAll(opened, bytes);
    const completed = await complete(opened.uploadId);
    await endedJob(completed.body.jobId);
    const [part] = opened.parts;
    const late = await put(part, randomBytes(bytes.length));
    // Refused by us, or by a bucket in its own words; if the bucket stores the part, nobody ever asks for it.
    if (isServed(part?.url ?? '')) expectProblem(late, 409, 'conflict');
    else expect(late.status).toBeOneOf([201, 404, 409]);
    // The same signature without the part parameters, and with the parameters of a whole object.
    const whole = new URL(part?.url ?? '');
    for (const name of ['comp', 'blockid', 'partNumber', 'uploadId', 'part']) whole.searchParams.delete(name);
    await put({ partNumber: 0, url: whole.href, headers: { 'x-ms-blob-type': 'BlockBlob' } }, randomBytes(100));
    expect((await delivered(completed)).equals(bytes)).toBe(true);
  });

  test('takes no part above ten thousand, none that is too large, and none that was not signed', async () => {
    const opened = await open(undefined);
    for (const partNumbers of [[10_001], [0], []])
      expectProblem(await ask('POST', `/media/upload/${opened.uploadId}/parts`, { body: { partNumbers } }), 400, 'invalid_request');
    // A bucket takes it; then completing the upload is refused.
    const tooLarge = await put(opened.parts[0], randomBytes(opened.partSize + 1));
    if (tooLarge.status < 300) expectProblem(await complete(opened.uploadId), 409, 'upload_incomplete');
    else expectProblem(tooLarge, 413, 'file_too_large');
    const url = new URL(opened.parts[0]?.url ?? '');
    url.searchParams.set('part', '2');
    if (url.searchParams.has('signature')) expectProblem(await ask('PUT', url.href, { token: null, body: Buffer.from('x') }), 403, 'forbidden');
  });

  test('signs at most a thousand in advance, and the rest on demand', async () => {
    const opened = await open(5 * 2 ** 30);
    expect(opened.partSize * 10_000).toBeGreaterThanOrEqual(5 * 2 ** 30);
    expect(opened.parts.length).toBeLessThanOrEqual(1000);
    await ask('DELETE', `/media/upload/${opened.uploadId}`);
  });

  test('with other bytes than declared is refused and can be corrected', async () => {
    const bytes = randomBytes(6 * mebibyte);
    const opened = await open(bytes.length + 1);
    await put(opened.parts[0], bytes);
    expectProblem(await complete(opened.uploadId), 409, 'upload_incomplete');
    await put(opened.parts[0], Buffer.concat([bytes, Buffer.from('x')]));
    expect((await complete(opened.uploadId)).status).toBe(202);
  });

  test('that is aborted is removed with its parts, and aborting again answers the same', async () => {
    const opened = await open(9 * mebibyte);
    await put(opened.parts[0], randomBytes(opened.partSize));
    expect((await ask('DELETE', `/media/upload/${opened.uploadId}`)).body.upload).toMatchObject({ state: 'aborted' });
    expect((await ask('DELETE', `/uploads/${opened.uploadId}`)).body.upload).toMatchObject({ state: 'aborted' });
    // A bucket that has parts but no uploads takes one more, and drops parts that are never joined.
    expect((await put(opened.parts[1], randomBytes(5))).status).toBeOneOf(isServed(opened.parts[1]?.url ?? '') ? [404, 409] : [201, 404, 409]);
    expect((await complete(opened.uploadId)).status).toBe(410);
    expect((await ask('GET', `/media/upload/${opened.uploadId}/parts`)).status).toBe(409);
  });

  test('that is not of its claimed type fails visibly', async () => {
    const bytes = Buffer.from('<!doctype html><title>This is no photo</title>');
    const { body: opened } = await ask('POST', '/media/upload/init', {
      body: { ...anywhere(), filename: 'photo.jpg', contentType: 'image/jpeg', byteSize: bytes.length, multipart: true },
    });
    await put(opened.parts[0], bytes);
    const completed = await complete(opened.uploadId);
    expect(await endedJob(completed.body.jobId)).toMatchObject({ state: 'failed', error: { code: 'type_mismatch' } });
    expect((await ask('GET', `/uploads/${opened.uploadId}`)).body.upload).toMatchObject({ state: 'failed', failure: { code: 'type_mismatch' } });
  });

  test.skipIf(needsUsers !== null)(`belongs to whoever opened it (${needsUsers ?? 'needs users'})`, async () => {
    const [ada, eve] = [await newUser(), await newUser()];
    const opened = await open(9 * mebibyte, ada);
    expectProblem(await ask('GET', `/media/upload/${opened.uploadId}/parts`, eve), 404, 'not_found');
    expectProblem(await ask('POST', `/media/upload/${opened.uploadId}/parts`, { ...eve, body: { partNumbers: [1] } }), 404, 'not_found');
    expectProblem(await complete(opened.uploadId, undefined, eve), 404, 'not_found');
    expectProblem(await ask('DELETE', `/media/upload/${opened.uploadId}`, eve), 404, 'not_found');
    expect((await ask('GET', '/uploads', eve)).body.uploads).toEqual([]);
    expect((await ask('GET', '/uploads?state=open', ada)).body.uploads).toMatchObject([{ id: opened.uploadId, protocol: 'multipart', byteSize: 9 * mebibyte }]);
  });
});

describe("the companion of Uppy's aws-s3", () => {
  /** Like Uppy: without our headers, the token in the URL. */
  const uppy = async (method: string, path: string, body?: unknown, token = target.token): Promise<Answer> =>
    await ask(method, `${nextServer()}/v1/companion/${token}/s3${path}`, { token: null, ...(body === undefined ? {} : { body }) });

  test('takes parts of the size that Uppy chose', async () => {
    const bytes = randomBytes(12 * mebibyte);
    const created = await uppy('POST', '/multipart', {
      filename: 'film.bin',
      type: 'application/octet-stream',
      metadata: { ...anywhere(), name: 'film.bin', relativePath: null },
    });
    expect(created.status, JSON.stringify(created.body)).toBe(200);
    const { uploadId, key } = created.body;
    const parts: { PartNumber: number; ETag: string }[] = [];
    for (const [index, start] of [0, 5 * mebibyte, 10 * mebibyte].entries()) {
      const { body } = await uppy('GET', `/multipart/${uploadId}/${index + 1}?key=${key}`);
      const answer = await ask('PUT', body.url, { token: null, body: bytes.subarray(start, start + 5 * mebibyte) });
      parts.push({ PartNumber: index + 1, ETag: (answer.headers.get('etag') ?? '').replaceAll('"', '') });
    }
    expect((await uppy('GET', `/multipart/${uploadId}?key=${key}`)).body).toMatchObject(
      parts.map(({ PartNumber }) => ({ PartNumber, ETag: expect.any(String) })),
    );
    const completed = await uppy('POST', `/multipart/${uploadId}/complete?key=${key}`, { parts });
    expect(completed.body).toMatchObject({ location: expect.stringContaining('/media/'), key: expect.any(String) });
    await endedJob(completed.body.jobId);
    expect((await ask('GET', `//download/${completed.body.mediaId}`)).bytes.equals(bytes)).toBe(true);
  });

  test('takes a small file as a form, which completes the upload', async () => {
    const bytes = await smallPicture();
    const query = new URLSearchParams({
      filename: 'photo.jpg',
      type: 'image/jpeg',
      ...Object.fromEntries(Object.entries(anywhere()).map(([name, value]) => [`metadata[${name}]`, value])),
    });
    const { body } = await uppy('GET', `/params?${query}`);
    const data = new FormData();
    for (const [name, value] of Object.entries<string>(body.fields)) data.append(name, value);
    data.append('file', new Blob([bytes as BlobPart]), 'photo.jpg');
    const posted = await ask('POST', body.url, { token: null, body: data });
    expect({ status: posted.status, etag: posted.headers.get('etag') }).toEqual({ status: 201, etag: expect.stringMatching(/^".+"$/) });
    expect(await settled(posted.body.media.id)).toMatchObject({ status: 'ready' });
  });

  test('requires a valid token and a destination', async () => {
    expect((await uppy('GET', '/params?filename=a.jpg', undefined, 'nonsense')).status).toBe(401);
    // Without a collection the file goes to the configured default.
    const refused = await uppy('GET', `/params?${new URLSearchParams({ filename: 'a.jpg', 'metadata[collection]': 'listing.photos' })}`);
    expectProblem(refused, 400, 'invalid_request');
    expect(refused.body.errors).toEqual([expect.objectContaining({ field: 'entityId' })]);
    const { body } = await uppy('POST', '/multipart', { filename: 'a', metadata: anywhere() });
    expect((await uppy('DELETE', `/multipart/${body.uploadId}?key=x`)).status).toBe(200);
    expect((await uppy('GET', '/multipart/nonsense?key=x')).status).toBe(404);
  });
});
