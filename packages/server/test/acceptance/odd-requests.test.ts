import { randomUUID } from 'node:crypto';

import { describe, expect, test } from 'vitest';

import { ask, expectProblem, form, into, needsUsers, newUser, nextServer, readyMedia, upload } from './support/api.ts';
import { jpeg, smallPicture } from './support/pictures.ts';
import { sendRequest } from '../fuzz/send-request.ts';

/** A form as bytes on the wire, for cases that no client library can produce. */
const rawForm = async (...parts: { head: string; bytes?: Buffer | string }[]) => {
  const chunks = parts.map(({ head, bytes = '' }) => Buffer.concat([Buffer.from(`--b\r\n${head}\r\n\r\n`), Buffer.from(bytes), Buffer.from('\r\n')]));
  return await ask('POST', '/media', {
    headers: { 'content-type': 'multipart/form-data; boundary=b' },
    body: Buffer.concat([...chunks, Buffer.from('--b--\r\n')]),
  });
};
const field = (name: string, value: string) => ({ head: `content-disposition: form-data; name="${name}"`, bytes: value });
const placed = (fields = into('artist.images')) => Object.entries(fields).map(([name, value]) => field(name, value));

const openTus = async (metadata: Record<string, string>) => {
  const told = Object.entries(metadata).map(([name, value]) => `${name} ${Buffer.from(value).toString('base64')}`);
  return await ask('POST', '/uploads/tus', { headers: { 'tus-resumable': '1.0.0', 'upload-length': '10', 'upload-metadata': told.join(',') } });
};

test('captions under a language that is none are refused with the form of one, not as if their video did not exist', async () => {
  for (const language of ['en_US', 'english', 'x', 'pt-']) {
    const refused = await ask('PUT', `/media/${randomUUID()}/captions/${language}`, { body: { text: '00:01.000 --> 00:02.000\nHello' } });
    expectProblem(refused, 400, 'invalid_request');
    expect(refused.body.errors).toEqual([{ field: 'language', message: 'must be a language tag, like en or pt-BR' }]);
  }
  expectProblem(await ask('PUT', '/media/nothing/captions/en_US', { body: {} }), 404, 'not_found');
});

describe('an empty value', () => {
  test.each([{ sortOrder: '' }, { sortOrder: ' ' }, { purpose: '' }, { altText: '' }, { sortOrder: '', purpose: '', altText: '' }])(
    'in a form is as if it had not been sent: %j',
    async (empty) => {
      const place = into('artist.images');
      await readyMedia(place, await jpeg());
      const media = await readyMedia({ ...place, ...empty }, await jpeg());
      expect(media).toMatchObject({ sortOrder: 1, purpose: 'gallery', altText: null });
    },
  );

  test('is no entity for a collection without entities', async () => {
    expect((await upload({ collection: 'user.library', entityType: '', entityId: '' }, await jpeg())).status).toBe(202);
  });

  test('and null in JSON mean the same as nothing; a string that is no number does not become one', async () => {
    const init = { ...into('artist.images'), filename: 'a.jpg' };
    const nothing = { altText: null, purpose: null, sortOrder: null, contentType: null, byteSize: null, sha256: null, multipart: null, replaces: null };
    expect((await ask('POST', '/media/upload/init', { body: { ...init, ...nothing } })).status).toBe(201);
    for (const sortOrder of [[], {}, true, '1e3', '0x10', 5.5, -1]) {
      const refused = await ask('POST', '/media/upload/init', { body: { ...init, sortOrder } });
      expectProblem(refused, 400, 'invalid_request');
      expect(refused.body.errors).toEqual([{ field: 'sortOrder', message: expect.stringContaining('must be a whole number from 0 to 1,000,000') }]);
    }
  });

  test('means nothing in the JSON and metadata of other protocols either', async () => {
    const empty = { purpose: '', altText: '', sortOrder: '', contentType: '', sha256: '' };
    const init = { ...into('artist.images'), filename: 'a.jpg' };
    const whole = await ask('POST', '/media/upload/init', { body: { ...init, ...empty } });
    expect(whole.status).toBe(201);
    const { results } = (
      await ask('POST', '/media/upload/init', {
        body: {
          uploads: [
            { ...init, ...empty },
            { ...init, filename: '' },
          ],
        },
      })
    ).body;
    expect(results.map(({ status }: { status: number }) => status)).toEqual([201, 400]);
    const library = { collection: 'user.library', entityType: '', entityId: '', purpose: '' };
    expect((await ask('POST', '/media/upload/init', { body: { ...library, filename: 'a.jpg' } })).status).toBe(201);
    expect((await ask('POST', '/companion/s3/multipart', { body: { filename: 'a.jpg', metadata: library } })).status).toBe(200);
    expect((await openTus({ ...library, sortOrder: '' })).status).toBe(201);
    expectProblem(await ask('POST', '/media/import', { body: { ...library, url: '' } }), 400, 'invalid_request');
  });

  test.each([{}, { 'idempotency-key': randomUUID() }])('is nothing where it is a second file input (%j)', async (headers) => {
    const unfilled = { bytes: '', name: '', type: 'application/octet-stream' };
    const one = await ask('POST', '/media', { headers, body: form(into('artist.images'), await jpeg(), unfilled) });
    expect(one.status).toBe(201);
    const other = await rawForm(
      ...placed(),
      { head: 'content-disposition: form-data; name="cover"; filename=""\r\ncontent-type: application/octet-stream' },
      { head: 'content-disposition: form-data; name="file"; filename="a.jpg"\r\ncontent-type: image/jpeg', bytes: await smallPicture() },
    );
    expect(other.status).toBe(201);
    expectProblem(await upload(into('artist.images'), unfilled), 400, 'invalid_request');
    expectProblem(await upload(into('artist.images'), { bytes: '', name: 'empty.jpg', type: 'image/jpeg' }), 422, 'empty_file');
  });

  test('is no file name: a file without one gets one', async () => {
    for (const disposition of ['', '; filename=""']) {
      const head = `content-disposition: form-data; name="file"${disposition}\r\ncontent-type: image/jpeg`;
      const answer = await rawForm(...placed(), { head, bytes: await smallPicture() });
      expect(answer.status).toBe(201);
      expect(answer.body.media.originalFileName).not.toBe('');
    }
  });
});

describe('an unknown name', () => {
  test.each([
    ['colection', 'collection'],
    ['altTxt', 'altText'],
    ['fileName', 'filename'],
    ['entity_id', 'entityId'],
  ])('but looks like one that is, is refused in metadata too: %s', async (given, known) => {
    const metadata = { ...into('artist.images'), [given]: 'x' };
    const said = `not known here (did you mean ${known}?)`;
    const tus = await openTus(metadata);
    expectProblem(tus, 400, 'invalid_request');
    expect(tus.body.errors).toEqual([{ field: `Upload-Metadata.${given}`, message: said }]);
    for (const refused of [
      await ask('POST', '/companion/s3/multipart', { body: { filename: 'a.jpg', metadata } }),
      await ask('POST', `/uploads/resumable?${new URLSearchParams(metadata)}`, { headers: { 'upload-draft-interop-version': '6', 'upload-complete': '?0' } }),
    ]) {
      expectProblem(refused, 400, 'invalid_request');
      expect(refused.body.errors).toEqual([{ field: given, message: said }]);
    }
  });

  test('is accepted in the metadata that a stock client writes by itself', async () => {
    const own = { name: 'a.jpg', type: 'image/jpeg', relativePath: 'null', filetype: 'image/jpeg', caption: 'x', userId: '7', lastModified: '1' };
    expect((await openTus({ ...into('artist.images'), ...own })).status).toBe(201);
    expect((await ask('POST', '/companion/s3/multipart', { body: { filename: 'a.jpg', metadata: { ...into('artist.images'), ...own } } })).status).toBe(200);
  });

  const meant = async (answer: ReturnType<typeof ask>, given: string, known: string): Promise<void> => {
    const refused = await answer;
    expectProblem(refused, 400, 'invalid_request');
    expect(refused.body.errors).toEqual([expect.objectContaining({ field: given, message: `not known here (did you mean ${known}?)` })]);
    expect(refused.body.detail).toContain(known);
  };

  test('is refused with the correct name as a suggestion: in forms, queries and bodies, at any depth', async () => {
    const { id } = await readyMedia(into('artist.images'), await jpeg());
    const place = into('artist.images');
    await meant(upload({ ...place, alttext: 'x' }, await jpeg()), 'alttext', 'altText');
    await meant(ask('GET', '/media?colection=artist.images'), 'colection', 'collection');
    await meant(ask('GET', '/jobs?mediaID=x'), 'mediaID', 'mediaId');
    await meant(ask('POST', '/media/upload/init', { body: { ...place, filename: 'a.jpg', content_type: 'image/jpeg' } }), 'content_type', 'contentType');
    await meant(ask('POST', '/media/import', { body: { ...place, url: 'https://example.com/a.jpg', fileName: 'a' } }), 'fileName', 'filename');
    await meant(ask('PATCH', `/media/${id}`, { body: { alttext: 'x' } }), 'alttext', 'altText');
    await meant(
      ask('PUT', `/entities/artist/${place.entityId}/media`, { headers: { 'if-match': '*' }, body: { items: [{ id, altTxt: 'x' }] } }),
      'items.0.altTxt',
      'altText',
    );
    await meant(ask('POST', `/media/${id}/replacement`, { body: form({ alt: 'x' }, await jpeg()) }), 'alt', 'altText');
  });

  test('is refused even if the operation has no parameters', async () => {
    const { id } = await readyMedia(into('artist.images'), await jpeg());
    expectProblem(await ask('GET', `/media/${id}?verbose=1`), 400, 'invalid_request');
    expectProblem(await ask('POST', `/media/${id}/retry`, { body: { force: true } }), 400, 'invalid_request');
  });

  test('is accepted if stock uploaders send it by themselves', async () => {
    const uppy = { ...into('artist.images'), name: 'photo.jpg', type: 'image/jpeg', relativePath: 'null' };
    expect((await upload(uppy, await jpeg())).status).toBe(201);
  });

  test('leaves nothing behind in a form whose file came first', async () => {
    const place = into('artist.images');
    const data = form({}, await jpeg());
    for (const [name, value] of Object.entries({ ...place, colour: 'red' })) data.append(name, value);
    expectProblem(await ask('POST', '/media', { body: data }), 400, 'invalid_request');
    expect((await ask('GET', `/entities/artist/${place.entityId}/media`)).body.media).toEqual([]);
  });
});

describe('a URL', () => {
  test('means the same with a trailing slash, and has the same methods', async () => {
    const { id } = await readyMedia(into('artist.images'), await jpeg());
    for (const path of [`/media/${id}`, '/media', '/meta/media-rules', '/jobs', '//healthz', '//console', '//openapi.json', '//docs'])
      expect((await ask('GET', `${path}/`)).status).toBe((await ask('GET', path)).status);
    expectProblem(await ask('PUT', '/media/'), 405, 'invalid_request');
  });

  test('that is longer than any known one is not found', async () => {
    const long = 'a'.repeat(1_300);
    for (const path of [`/media/${long}`, `//media/${long}`, `//view/${long}`, `//download/${long}`, `/entities/listing/${long}/media`, `/jobs/${long}`])
      expect((await ask('GET', path)).status).toBe(404);
  });

  test.each(['QUERY', 'TRACE', 'PROPFIND'])('does not take %s, whatever comes with it', async (method) => {
    for (const headers of [{}, { 'content-type': 'application/json' }, { 'content-type': 'nonsense' }]) {
      const asked = (path: string) => sendRequest(nextServer(), { method, path, headers, body: null });
      expect((await asked('/v1/media')).status).toBe(405);
      expect((await asked('/nothing')).status).toBe(404);
    }
  });

  test('of jobs filters by media', async () => {
    const media = await readyMedia(into('listing.photos'), await jpeg());
    const { jobs } = (await ask('GET', `/jobs?mediaId=${media.id}`)).body;
    expect(jobs.length).toBeGreaterThan(0);
    expect(jobs.every((job: { assetId: string }) => job.assetId === media.id)).toBe(true);
    expect((await ask('GET', `/jobs?mediaId=${randomUUID()}`)).body.jobs).toEqual([]);
  });
});

describe.skipIf(needsUsers !== null)('who somebody is', () => {
  test.each(['a\0b', 'a\ud800', 'x'.repeat(3_000)])('has to be something that can be kept (%#)', async (sub) => {
    const { token } = await newUser({ sub });
    for (const asked of [
      ask('GET', '/media', { token }),
      ask('POST', '/media/upload/init', { token, body: { collection: 'user.library', filename: 'a.jpg' } }),
    ])
      expectProblem(await asked, 400, 'invalid_request');
  });

  test('may be 255 characters', async () => {
    const { token } = await newUser({ sub: 'ü'.repeat(255) });
    expect((await ask('POST', '/media/upload/init', { token, body: { collection: 'user.library', filename: 'a.jpg' } })).status).toBe(201);
  });
});

describe('many uploads opened at once', () => {
  const one = (more: Record<string, unknown> = {}) => ({ ...into('artist.images'), filename: 'a.jpg', contentType: 'image/jpeg', byteSize: 1_000, ...more });

  test('are answered one by one, in their order, and a refused one does not affect the others', async () => {
    const { status, body } = await ask('POST', '/media/upload/init', {
      body: { uploads: [one(), one({ byteSize: 0 }), 7, one({ fileName: 'b' }), one({ collection: 'nope' }), one({ multipart: true })] },
    });
    expect(status).toBe(207);
    expect(body.results.map((result: { status: number }) => result.status)).toEqual([201, 422, 400, 400, 400, 201]);
    expect(body.results[0].upload).toMatchObject({ uploadId: expect.any(String), method: 'PUT', uploadURL: expect.any(String) });
    expect(body.results[1].problem).toMatchObject({ code: 'empty_file', status: 422 });
    expect(body.results[3].problem.errors).toEqual([{ field: 'fileName', message: 'not known here (did you mean filename?)' }]);
    expect(body.results[5].upload).toMatchObject({ parts: expect.any(Array) });
    const { uploadId } = body.results[0].upload;
    expect((await ask('GET', `/uploads/${uploadId}`)).body.upload.state).toBe('open');
  });

  test('beyond the batch size of their collection are refused one by one', async () => {
    const { batchSize } = (await ask('GET', '/policies/artist.images')).body.policy;
    const { body } = await ask('POST', '/media/upload/init', { body: { uploads: Array.from({ length: batchSize + 3 }, () => one()) } });
    const statuses = body.results.map((result: { status: number }) => result.status);
    expect(statuses.filter((status: number) => status === 201)).toHaveLength(batchSize);
    expect(statuses.slice(batchSize)).toEqual([413, 413, 413]);
    expect(body.results.at(-1).problem.code).toBe('batch_too_large');
  });

  test('under an Idempotency-Key are opened once', async () => {
    const asked = { headers: { 'idempotency-key': randomUUID() }, body: { uploads: [one(), one()] } };
    const first = await ask('POST', '/media/upload/init', asked);
    expect((await ask('POST', '/media/upload/init', asked)).body).toEqual(first.body);
    expectProblem(await ask('POST', '/media/upload/init', { ...asked, body: { uploads: [one()] } }), 422, 'idempotency_mismatch');
  });

  test('are at least one, and of one kind', async () => {
    expectProblem(await ask('POST', '/media/upload/init', { body: { uploads: [] } }), 400, 'invalid_request');
    expectProblem(await ask('POST', '/media/upload/init', { body: { uploads: [one()], collection: 'artist.images' } }), 400, 'invalid_request');
  });
});
