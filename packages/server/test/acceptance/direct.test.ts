import http from 'node:http';

import { describe, expect, test } from 'vitest';

import { ask, expectProblem, form, into, needsUsers, newEntity, newUser, nextServer, settled, upload, type FileToSend } from './support/api.ts';
import { jpeg, smallPicture } from './support/pictures.ts';

const good = async (name: string): Promise<FileToSend> => ({ bytes: await smallPicture(), name, type: 'image/jpeg' });
const bad: FileToSend = { bytes: 'this is not a picture at all', name: 'b.jpg', type: 'image/jpeg' };

/** A form as written by hand, with an order that no browser would send. */
function rawForm(parts: { name: string; fileName?: string; type?: string; value: Buffer | string }[]): { body: Uint8Array; headers: Record<string, string> } {
  const boundary = 'safelight-boundary';
  const chunks = parts.flatMap(({ name, fileName, type, value }) => [
    `--${boundary}\r\ncontent-disposition: form-data; name="${name}"${fileName === undefined ? '' : `; filename="${fileName}"`}\r\n${type === undefined ? '' : `content-type: ${type}\r\n`}\r\n`,
    value,
    '\r\n',
  ]);
  return {
    body: Buffer.concat([...chunks, `--${boundary}--\r\n`].map((chunk) => Buffer.from(chunk))),
    headers: { 'content-type': `multipart/form-data; boundary=${boundary}` },
  };
}

describe('a batch', () => {
  test('answers for each file in the order of the files, and one bad file does not fail the others', async () => {
    const entity = newEntity('artist');
    const answer = await ask('POST', '/media', { body: form(into('artist.images', entity), await good('a.jpg'), bad, await good('c.jpg')) });
    expect(answer.status).toBe(207);
    expect(answer.body.results).toMatchObject([
      { status: 201, media: { originalFileName: 'a.jpg', status: 'ready', sortOrder: 0 } },
      { status: 422, problem: { code: 'type_mismatch', status: 422, detail: expect.any(String) } },
      { status: 201, media: { originalFileName: 'c.jpg', status: 'ready', sortOrder: 1 } },
    ]);
    const { media } = (await ask('GET', `/entities/${entity.path}/media`)).body;
    expect(media.map(({ originalFileName }: { originalFileName: string }) => originalFileName)).toEqual(['a.jpg', 'c.jpg']);
  });

  test('in a queued collection is answered with a job for each file', async () => {
    const answer = await ask('POST', '/media', { body: form(into('listing.photos'), await good('a.jpg'), await good('b.jpg')) });
    expect(answer.status).toBe(207);
    for (const { status, jobId, media } of answer.body.results) {
      expect({ status, jobId }).toEqual({ status: 202, jobId: expect.stringMatching(/^[0-9a-f-]{36}$/) });
      expect((await settled(media.id)).status).toBe('ready');
    }
  });

  test('that is too large is taken as far as it fits, and the answer says so for the rest', async () => {
    const answer = await ask('POST', '/media', {
      body: form(into('test.strict'), ...(await Promise.all(['a', 'b', 'c', 'd', 'e'].map((name) => good(`${name}.jpg`))))),
    });
    expect(answer.status).toBe(207);
    // Two fit into the entity, three into the batch.
    expect(answer.body.results.map(({ status, problem }: { status: number; problem?: { code: string } }) => problem?.code ?? status)).toEqual([
      201,
      201,
      'collection_full',
      'batch_too_large',
      'batch_too_large',
    ]);
  });

  test('in which every file is bad still has an answer for each', async () => {
    const answer = await ask('POST', '/media', { body: form(into('artist.images'), bad, { bytes: '', name: 'empty.jpg', type: 'image/jpeg' }) });
    expect(answer.status).toBe(207);
    expect(answer.body.results).toMatchObject([{ problem: { code: 'type_mismatch' } }, { problem: { code: 'empty_file' } }]);
  });
});

describe('a form', () => {
  test('may name its collection after the file', async () => {
    const fields = Object.entries(into('artist.images')).map(([name, value]) => ({ name, value }));
    const sent = rawForm([{ name: 'file', fileName: 'late.jpg', type: 'image/jpeg', value: await smallPicture() }, ...fields]);
    const answer = await ask('POST', '/media', sent);
    expect(answer.status, JSON.stringify(answer.body)).toBe(201);
    expect(answer.body.media.originalFileName).toBe('late.jpg');
  });

  test('without a collection goes to the configured default', async () => {
    const { status, body } = await upload({}, await jpeg());
    expect({ status, collection: body.media.collection, path: body.media.path }).toEqual({
      status: 202,
      collection: 'user.library',
      path: expect.stringMatching(/^media\//),
    });
  });

  test('carries alt text, purpose and order', async () => {
    const answer = await upload({ ...into('artist.images'), altText: 'Éva at the sea 🌊', purpose: 'profile', sortOrder: '7' }, await jpeg());
    expect(answer.body.media).toMatchObject({ altText: 'Éva at the sea 🌊', purpose: 'profile', sortOrder: 7 });
  });

  test('may leave the type to be detected', async () => {
    const { body } = await upload(into('artist.images'), { bytes: await smallPicture('png'), name: 'picture', type: 'application/octet-stream' });
    expect(body.media.mimeType).toBe('image/png');
  });

  test('without a file, without fields, or with wrong ones is refused with the name of the field', async () => {
    const without = await ask('POST', '/media', { body: form(into('artist.images')) });
    expectProblem(without, 400, 'invalid_request');
    expect(without.body.errors).toEqual([{ field: 'file', message: expect.any(String) }]);

    const file = await jpeg();
    const refused = async (fields: Record<string, string>): Promise<string[]> => {
      const answer = await upload(fields, file);
      expectProblem(answer, 400, 'invalid_request');
      return answer.body.errors.map(({ field }: { field: string }) => field);
    };
    expect(await refused({ entityType: 'artist', entityId: '1' }), 'it goes to user.library').toEqual(['entityType']);
    expect(await refused({ collection: 'no.such' })).toEqual(['collection']);
    expect(await refused({ collection: 'artist.images' })).toEqual(['entityId']);
    expect(await refused({ collection: 'artist.images', entityType: 'artist' })).toEqual(['entityId']);
    expect(await refused({ collection: 'artist.images', entityType: 'listing', entityId: '1' })).toEqual(['entityType']);
    expect(await refused({ collection: 'user.library', entityType: 'artist', entityId: '1' })).toEqual(['entityType']);
    expect(await refused({ ...into('artist.images'), purpose: 'clip' })).toEqual(['purpose']);
    expect(await refused({ ...into('artist.images'), sortOrder: '-1' })).toEqual(['sortOrder']);
    expect(await refused({ ...into('artist.images'), sortOrder: 'first' })).toEqual(['sortOrder']);
  });

  test('with its file in another field is refused with the name of that field', async () => {
    const answer = await ask(
      'POST',
      '/media',
      rawForm([
        ...Object.entries(into('artist.images')).map(([name, value]) => ({ name, value })),
        { name: 'photo', fileName: 'a.jpg', value: await smallPicture() },
      ]),
    );
    expectProblem(answer, 400, 'invalid_request');
    expect(answer.body.errors).toEqual([{ field: 'photo', message: expect.any(String) }]);
  });

  test('that breaks off is refused and leaves nothing in the library', async () => {
    const entity = newEntity('artist');
    const sent = rawForm([
      ...Object.entries(into('artist.images', entity)).map(([name, value]) => ({ name, value })),
      { name: 'file', fileName: 'a.jpg', type: 'image/jpeg', value: await smallPicture() },
    ]);
    const answer = await ask('POST', '/media', { ...sent, body: sent.body.subarray(0, -40) });
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(answer.status).toBeLessThan(500);
    expect((await ask('GET', `/entities/${entity.path}/media`)).body).toMatchObject({ media: [], tray: [] });
  });

  test.skipIf(needsUsers !== null)(`whose client goes in the middle of a file is given up at once (${needsUsers ?? 'needs users'})`, async () => {
    const { token } = await newUser();
    const sent = rawForm([
      ...Object.entries(into('listing.photos')).map(([name, value]) => ({ name, value })),
      { name: 'file', fileName: 'a.jpg', type: 'image/jpeg', value: Buffer.concat([await smallPicture(), Buffer.alloc(1_000_000)]) },
    ]);
    const request = http.request(`${nextServer()}/v1/media`, {
      method: 'POST',
      headers: { ...sent.headers, authorization: `Bearer ${token}`, 'content-length': sent.body.length },
    });
    request.on('error', () => undefined).write(sent.body.subarray(0, 500_000));
    const states = async () => (await ask('GET', '/uploads', { token })).body.uploads.map(({ state }: { state: string }) => state);
    await expect.poll(states, { timeout: 20_000 }).toEqual(['open']);
    request.destroy();
    await expect.poll(states, { timeout: 20_000 }).toEqual(['aborted']);
    expect((await ask('GET', '/media', { token })).body.media).toEqual([]);
  });

  test('is the only accepted body: neither JSON nor raw bytes are', async () => {
    expectProblem(await ask('POST', '/media', { body: { file: 'x' } }), 415, 'unsupported_type');
    expectProblem(await ask('POST', '/media', { body: await smallPicture(), headers: { 'content-type': 'image/jpeg' } }), 415, 'unsupported_type');
    expectProblem(await ask('POST', '/media', { body: 'x', headers: { 'content-type': 'multipart/form-data' } }), 400, 'invalid_request');
  });
});
