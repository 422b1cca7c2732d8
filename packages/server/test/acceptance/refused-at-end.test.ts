import { describe, expect, test } from 'vitest';

import { ask, expectProblem, into, needsUsers, newEntity, newUser, nextServer, upload, type Answer } from './support/api.ts';
import { follow } from './support/event-stream.ts';
import { jpeg, smallPicture } from './support/pictures.ts';
import { create, metadata, octets, patch, tus, uploadIdOf, type TusAsked } from './support/tus.ts';

const draftHeaders = { 'tus-resumable': undefined, 'upload-draft-interop-version': '6' };

/**
 * The protocols without a completing request: the last byte is the last thing that a client sends. Each opens an upload and sends its bytes later.
 */
const protocols: {
  name: string;
  open(to: Record<string, string>, length: number, token?: string): Promise<string>;
  send(url: string, bytes: Buffer, token?: string): Promise<Answer>;
}[] = [
  {
    name: 'tus',
    open: async (to, length, token) => await create(length, to, token === undefined ? {} : { token }),
    send: async (url, bytes, token) => await patch(url, 0, bytes, token === undefined ? {} : { token }),
  },
  {
    name: 'the draft of the IETF',
    async open(to, length, token) {
      const asked: TusAsked = {
        headers: { ...draftHeaders, 'upload-complete': '?0', 'upload-length': String(length) },
        ...(token === undefined ? {} : { token }),
      };
      const opened = await tus('POST', `${nextServer()}/v1/uploads/resumable?${new URLSearchParams(to)}`, asked);
      expect(opened.status, JSON.stringify(opened.body)).toBe(201);
      return opened.headers.get('location') ?? '';
    },
    send: async (url, bytes, token) =>
      await tus('PATCH', url, {
        body: bytes,
        headers: { ...draftHeaders, 'content-type': 'application/partial-upload', 'upload-offset': '0', 'upload-complete': '?1' },
        ...(token === undefined ? {} : { token }),
      }),
  },
  {
    name: 'a form to a signed URL',
    async open(to, _length, token) {
      const query = new URLSearchParams({ filename: 'a.jpg', type: 'image/jpeg' });
      for (const [name, value] of Object.entries(to)) if (name !== 'filename' && name !== 'filetype') query.set(`metadata[${name}]`, value);
      const opened = await ask('GET', `/companion/s3/params?${query}`, token === undefined ? {} : { token });
      expect(opened.status, JSON.stringify(opened.body)).toBe(200);
      return opened.body.url;
    },
    async send(url, bytes) {
      const form = new FormData();
      form.append('file', new Blob([bytes as BlobPart], { type: 'image/jpeg' }), 'a.jpg');
      return await ask('POST', url, { token: null, body: form });
    },
  },
];
const idOf = (url: string): string => new URL(url).searchParams.get('upload') ?? uploadIdOf(url);
const stateOf = async (url: string): Promise<Answer['body']> => (await ask('GET', `/uploads/${idOf(url)}`)).body.upload;

describe.each(protocols)('an upload by $name that is refused when its last byte has come', ({ open, send }) => {
  const strict = () => ({ ...into('test.strict'), filename: 'a.jpg', filetype: 'image/jpeg' });

  test('because the collection has become full says so in its answer, in its state and in an event, and keeps no bytes', async () => {
    const to = strict();
    const bytes = await smallPicture();
    const url = await open(to, bytes.length);
    const feed = await follow(`?entity=${to.entityType}/${to.entityId}`);
    for (let index = 0; index < 2; index += 1) expect((await upload(into('test.strict', { ...to, path: '' }), await jpeg())).status).toBe(201);
    expectProblem(await send(url, bytes), 409, 'collection_full');
    expect(await stateOf(url)).toMatchObject({ state: 'failed', failure: { code: 'collection_full', message: expect.stringMatching(/\.$/) } });
    const told = await feed.until('upload_failed');
    expect(told.data).toMatchObject({ mediaId: expect.any(String), error: { code: 'collection_full', retryable: false } });
    const found = await ask('POST', '/admin/discrepancies', { body: {} });
    expect(found.body.discrepancies.filter(({ key }: { key: string }) => key.includes(told.data.mediaId))).toEqual([]);
    // Sending again gets the same answer, even if there is space by now.
    expect((await send(url, bytes)).status).toBeOneOf([404, 409, 410]);
    expect(await stateOf(url)).toMatchObject({ state: 'failed' });
  });

  test.skipIf(needsUsers !== null)(`because the entity has become somebody else's meanwhile says so (${needsUsers ?? 'needs users'})`, async () => {
    const [ada, bea] = [await newUser(), await newUser()];
    const entity = newEntity('artist');
    const to = { ...into('artist.images', entity), filename: 'a.jpg', filetype: 'image/jpeg' };
    const bytes = await smallPicture();
    const url = await open(to, bytes.length, ada.token);
    expect((await upload(into('artist.images', entity), await jpeg(), { token: bea.token })).status).toBe(201);
    expectProblem(await send(url, bytes, ada.token), 403, 'forbidden');
    expect(await stateOf(url)).toMatchObject({ state: 'failed', failure: { code: 'forbidden' } });
  });
});

describe('a refused upload of tus', () => {
  test('that came with its creation or was joined of parts is refused in that answer', async () => {
    const to = { ...into('test.strict'), filename: 'a.jpg', filetype: 'image/jpeg' };
    const bytes = await smallPicture();
    const body = { body: bytes, headers: { 'content-type': octets, 'upload-length': String(bytes.length) } };
    const partial = await tus('POST', '', { ...body, headers: { ...body.headers, 'upload-concat': 'partial' } });
    const waiting = await Promise.all(Array.from({ length: 3 }, () => create(bytes.length, to)));
    const answers = await Promise.all(waiting.map((url) => patch(url, 0, bytes)));
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([204, 204, 409]);
    const refused = waiting[answers.findIndex(({ status }) => status === 409)] ?? '';
    // A client would take the offset for success.
    expect((await tus('HEAD', refused)).status).toBe(409);
    // These are refused before they are created, because the collection is full by now.
    for (const headers of [body.headers, { 'upload-concat': `final;${partial.headers.get('location')}` }])
      expectProblem(
        await tus('POST', '', { ...('upload-length' in headers ? body : {}), headers: { ...headers, 'upload-metadata': metadata(to) } }),
        409,
        'collection_full',
      );
  });
});
