import { operations, type OperationId } from '@safelight/contract/operations';
import { beforeAll, describe, expect, test } from 'vitest';

import { ask, expectProblem, into, needsUsers, newEntity, newUser, readyMedia, upload, type Answer, type Asked } from './support/api.ts';
import { needsOperator, operate } from './support/operate.ts';
import { jpeg } from './support/pictures.ts';

const skipped = needsUsers ?? needsOperator;

/** Everything of ada's that the key must not reach: a private photo, one at another entity, open uploads, and jobs. */
type Hers = { library: string; listing: string; path: string; uploadId: string; tus: string; jobId: string; secrets: string[] };

/** How an operation answers when it is asked for something of hers: `refused` with 403 or 404, or `silent`, a list or page without it. */
type Case = { asks: (hers: Hers) => { path?: string; body?: unknown; headers?: Record<string, string> }; answers: 'refused' | 'silent' };
const of = (name: string, id: (hers: Hers) => string) => (path: string, hers: Hers) => path.replace(`{${name}}`, id(hers));
const library = of('id', (hers) => hers.library);
const uploading = of('uploadId', (hers) => hers.uploadId);
const init = { collection: 'user.library', filename: 'a.jpg', contentType: 'image/jpeg', byteSize: 10 };
const path = (id: OperationId): string => operations[id].path;
const onLibrary = (id: OperationId, more: object = {}): Case => ({ asks: (hers) => ({ path: library(path(id), hers), ...more }), answers: 'refused' });
const onUpload = (id: OperationId, more: object = {}): Case => ({ asks: (hers) => ({ path: uploading(path(id), hers), ...more }), answers: 'refused' });
const atEntity = (hers: Hers, id: OperationId): string => path(id).replace('{type}', 'listing').replace('{id}', hers.listing);
const onSite = (id: OperationId, more: object = {}): Case => ({
  asks: () => ({ path: path(id).replace('{collection}', 'user.library').replace('{transaction}', 'bound'), ...more }),
  answers: 'refused',
});
const nothing = '01890000-0000-7000-8000-00000000000a';
const onWebhook = (id: OperationId, more: object = {}): Case => ({
  asks: () => ({ path: path(id).replace('{id}', nothing).replace('{deliveryId}', nothing), ...more }),
  answers: 'refused',
});
const listing = (query = ''): Case => ({ asks: () => ({ path: query }), answers: 'silent' });
const form = (): FormData => {
  const data = new FormData();
  data.append('collection', 'user.library');
  data.append('file', new Blob(['x']), 'x.jpg');
  return data;
};

/** Every operation of the contract; a new one does not compile until it is added here. */
const cases: Record<Exclude<OperationId, 'followEvents'>, Case> = {
  uploadDirect: { asks: () => ({ body: form() }), answers: 'refused' },
  openUpload: { asks: () => ({ body: init }), answers: 'refused' },
  completeUpload: { asks: ({ uploadId }) => ({ body: { uploadId } }), answers: 'refused' },
  importMedia: { asks: () => ({ body: { collection: 'user.library', url: 'https://example.com/a.jpg' } }), answers: 'refused' },
  listUploadParts: onUpload('listUploadParts'),
  signUploadParts: onUpload('signUploadParts', { body: { partNumbers: [1] } }),
  abortUpload: onUpload('abortUpload'),
  listUploads: listing(),
  readUpload: onUpload('readUpload'),
  endUpload: onUpload('endUpload'),
  listMedia: listing('?limit=200'),
  readMedia: onLibrary('readMedia'),
  patchMedia: onLibrary('patchMedia', { body: { altText: 'theirs' } }),
  putCaptions: {
    asks: (hers) => ({ path: library(path('putCaptions'), hers).replace('{language}', 'en'), body: { text: 'WEBVTT\n\n00:00.000 --> 00:01.000\nHello' } }),
    answers: 'refused',
  },
  deleteCaptions: { asks: (hers) => ({ path: library(path('deleteCaptions'), hers).replace('{language}', 'en') }), answers: 'refused' },
  deleteMedia: onLibrary('deleteMedia'),
  deleteMediaByPath: { asks: (hers) => ({ path: `/media/${hers.path}` }), answers: 'refused' },
  signMediaURL: onLibrary('signMediaURL', { body: {} }),
  restoreMedia: onLibrary('restoreMedia'),
  retryMedia: onLibrary('retryMedia'),
  reprocessMedia: onLibrary('reprocessMedia'),
  readEntityMedia: { asks: (hers) => ({ path: atEntity(hers, 'readEntityMedia') }), answers: 'silent' },
  syncEntityMedia: { asks: (hers) => ({ path: atEntity(hers, 'syncEntityMedia'), body: { items: [] }, headers: { 'if-match': '"x"' } }), answers: 'refused' },
  replaceMedia: onLibrary('replaceMedia', { body: form() }),
  readMediaRules: listing(),
  readPolicy: onSite('readPolicy'),
  changePolicy: onSite('changePolicy', { body: { maxItems: 1 } }),
  readPolicyHistory: onSite('readPolicyHistory'),
  decideReview: onLibrary('decideReview', { body: { decision: 'rejected' } }),
  undoReview: onLibrary('undoReview'),
  decideReviews: { asks: ({ library: id }) => ({ body: { items: [{ id, decision: 'rejected' }] } }), answers: 'refused' },
  listReviewQueue: listing('?limit=200'),
  claimReviews: { asks: () => ({ body: {} }), answers: 'silent' },
  releaseReviews: { asks: () => ({ body: {} }), answers: 'silent' },
  listReviewAttempts: onLibrary('listReviewAttempts'),
  listJobs: listing('?limit=200'),
  readJob: { asks: (hers) => ({ path: path('readJob').replace('{id}', hers.jobId) }), answers: 'refused' },
  cancelJob: { asks: (hers) => ({ path: path('cancelJob').replace('{id}', hers.jobId) }), answers: 'refused' },
  retryJob: { asks: (hers) => ({ path: path('retryJob').replace('{id}', hers.jobId) }), answers: 'refused' },
  generateImage: { asks: () => ({ body: { prompt: 'a lamp' } }), answers: 'refused' },
  generateVideo: { asks: () => ({ body: { prompt: 'a lamp' } }), answers: 'refused' },
  listGenerationModels: listing(),
  readGenerationUsage: listing(),
  reportDiscrepancies: onSite('reportDiscrepancies', { body: {} }),
  readOverview: onSite('readOverview'),
  listAudit: onSite('listAudit'),
  createWebhook: onSite('createWebhook', { body: { url: 'https://example.com/hook' } }),
  listWebhooks: onSite('listWebhooks'),
  readWebhook: onWebhook('readWebhook'),
  patchWebhook: onWebhook('patchWebhook', { body: { description: 'theirs' } }),
  deleteWebhook: onWebhook('deleteWebhook'),
  rotateWebhook: onWebhook('rotateWebhook', { body: {} }),
  testWebhook: onWebhook('testWebhook', { body: {} }),
  replayWebhook: onWebhook('replayWebhook', { body: { since: '2026-01-01T00:00:00Z' } }),
  listDeliveries: onWebhook('listDeliveries'),
  readDelivery: onWebhook('readDelivery'),
  redeliver: onWebhook('redeliver', { body: {} }),
  createGrant: onSite('createGrant', { body: { transaction: 'bound', assetIds: ['0190a000-0000-7000-8000-000000000000'] } }),
  listGrants: onSite('listGrants'),
  readGrant: onSite('readGrant'),
  changeGrant: onSite('changeGrant', { body: {} }),
  revokeGrant: onSite('revokeGrant'),
  restoreGrant: onSite('restoreGrant'),
  renewGrantToken: onSite('renewGrantToken'),
  readMediaDownloads: onLibrary('readMediaDownloads'),
  listGrantDownloads: onSite('listGrantDownloads'),
  listGrantRefusals: onSite('listGrantRefusals'),
};

/** Routes that are not operations of the contract. */
const others: Record<string, (hers: Hers) => [method: string, path: string, headers?: Record<string, string>, body?: unknown]> = {
  view: ({ library: id }) => ['GET', `//view/${id}`],
  download: ({ library: id }) => ['GET', `//download/${id}`],
  'the list of her entity': ({ listing: id }) => ['GET', `/media?entity=listing/${id}`],
  'the list of her folder': ({ path: key }) => ['GET', `/media?prefix=${key.split('/').slice(0, 2).join('/')}`],
  'the offset of a tus upload': ({ tus }) => ['HEAD', `//${tus}`, { 'tus-resumable': '1.0.0' }],
  'bytes for a tus upload': ({ tus }) => [
    'PATCH',
    `//${tus}`,
    { 'tus-resumable': '1.0.0', 'upload-offset': '0', 'content-type': 'application/offset+octet-stream' },
    'x',
  ],
  'the end of a tus upload': ({ tus }) => ['DELETE', `//${tus}`, { 'tus-resumable': '1.0.0' }],
  'a part of a concatenation': () => ['POST', '/uploads/tus', { 'tus-resumable': '1.0.0', 'upload-length': '1', 'upload-concat': 'partial' }],
  'a resumable upload of the draft': ({ tus }) => ['HEAD', `/uploads/resumable/${tus.split('/').at(-1)}`, { 'upload-draft-interop-version': '6' }],
  'the parts that Uppy asks for': ({ uploadId }) => ['GET', `/companion/s3/multipart/${uploadId}`],
  'a form of Uppy': () => ['GET', '/companion/s3/params?filename=a.jpg&type=image/jpeg&metadata[collection]=user.library'],
};

describe.skipIf(skipped !== null)(`an API key that is bound to one listing and acts for ada (${skipped ?? 'made by the operator'})`, () => {
  const mine = newEntity('listing');
  const hers: Hers = { library: '', listing: '', path: '', uploadId: '', tus: '', jobId: '', secrets: [] };
  const keys: Record<string, Asked> = {};
  let ada: Awaited<ReturnType<typeof newUser>>;

  beforeAll(async () => {
    ada = await newUser();
    const there = newEntity('listing');
    hers.listing = there.entityId;
    hers.library = (await upload({ collection: 'user.library' }, { ...(await jpeg()), name: 'private-of-ada.jpg' }, ada)).body.media.id;
    const queued = await upload(into('listing.photos', there), await jpeg(), ada);
    hers.jobId = queued.body.jobId;
    const opened = (await ask('POST', '/media/upload/init', { ...ada, body: init })).body;
    hers.uploadId = opened.uploadId;
    hers.path = opened.objectPath.replace(/[^/]+\/[^/]+$/, `${hers.library}/x.jpg`);
    const metadata = `collection ${Buffer.from('user.library').toString('base64')}`;
    const tus = await ask('POST', '/uploads/tus', { ...ada, headers: { 'tus-resumable': '1.0.0', 'upload-length': '3', 'upload-metadata': metadata } });
    hers.tus = new URL(tus.headers.get('location') ?? '').pathname.slice(1);
    hers.secrets = [hers.library, hers.uploadId, hers.jobId, 'private-of-ada', hers.tus.split('/').at(-1) ?? ''];
    // The photo there will be published, so that anybody may see it; the open upload to that entity is hers alone.
    hers.secrets.push((await ask('POST', '/media/upload/init', { ...ada, body: { ...init, ...into('listing.photos', there) } })).body.uploadId);
    for (const scope of ['media:write,media:review', 'media:admin']) {
      const made = await operate('keys', 'create', `${scope.replaceAll(/\W/g, '-')}-${mine.entityId.slice(0, 8)}`, '--scope', scope, '--entities', mine.path);
      keys[scope] = { token: String(made['secret']), headers: { 'safelight-act-for': ada.id } };
    }
  });

  const withKey = async (
    key: string,
    method: string,
    asked: string,
    more: { body?: unknown; headers?: Record<string, string> | undefined } = {},
  ): Promise<Answer> => await ask(method, asked, { ...keys[key], ...more, headers: { ...keys[key]?.headers, ...more.headers } });
  const expectSilent = (answer: Answer): void => {
    for (const secret of hers.secrets) expect(answer.bytes.toString()).not.toContain(secret);
  };
  const expectRefused = ({ status, body }: Answer): void => {
    if (status === 207) return expect(body.results).toMatchObject([{ status: 404 }]);
    expect({ status, code: body?.code ?? null }, JSON.stringify(body)).toBeOneOf([
      { status: 403, code: 'forbidden' },
      { status: 404, code: 'not_found' },
      { status: 404, code: null },
    ]);
  };

  describe.each(['media:write,media:review', 'media:admin'])('with the scopes %s', (key) => {
    test.each(Object.keys(cases) as (keyof typeof cases)[])('reaches nothing of hers by %s', async (id) => {
      const { asks, answers } = cases[id];
      const { path: given = '', ...more } = asks(hers);
      const answer = await withKey(key, operations[id].method, given.startsWith('/') ? given : path(id) + given, more);
      if (answers === 'refused') return expectRefused(answer);
      expect(answer.status, JSON.stringify(answer.body)).toBe(200);
      expectSilent(answer);
    });

    test.each(Object.keys(others))('reaches nothing of hers by %s', async (name) => {
      const [method, asked, headers, body] = others[name]?.(hers) ?? ['', ''];
      const answer = await withKey(key, method, asked, { headers, body });
      if (answer.status === 200) expectSilent(answer);
      else expectRefused(answer);
    });

    test('works where its pattern allows it', async () => {
      const photo = await upload(into('listing.photos', mine), await jpeg(), keys[key] ?? {});
      expect(photo.status, JSON.stringify(photo.body)).toBe(202);
      expect((await withKey(key, 'GET', `/jobs/${photo.body.jobId}`)).status).toBe(200);
      expect((await withKey(key, 'GET', '/media')).body.media.map(({ id }: { id: string }) => id)).toContain(photo.body.media.id);
      expect((await withKey(key, 'DELETE', `/media/${photo.body.media.id}`)).status).toBe(200);
    });

    test('does not get the answer that ada got under the same Idempotency-Key', async () => {
      const [body, headers] = [{ ...init, ...into('listing.photos', mine), collection: 'listing.photos' }, { 'idempotency-key': `of-ada-${key}` }];
      const first = await ask('POST', '/media/upload/init', { ...ada, body, headers });
      const second = await withKey(key, 'POST', '/media/upload/init', { body, headers });
      expect([first.status, second.status]).toEqual([201, 201]);
      expect(second.body.uploadId).not.toBe(first.body.uploadId);
    });
  });

  test('has changed nothing of hers', async () => {
    expect((await ask('GET', `/media/${hers.library}`, ada)).body.media).toMatchObject({ version: expect.any(Number), altText: null, review: 'not_required' });
    expect((await ask('GET', `/uploads/${hers.uploadId}`, ada)).body.upload).toMatchObject({ state: 'open', offset: 0 });
    expect((await ask('GET', `/uploads/${hers.tus.split('/').at(-1)}`, ada)).body.upload).toMatchObject({ state: 'open', offset: 0 });
  });

  test('reads public media like anybody else', async () => {
    const shown = await readyMedia(into('artist.images'), { ...(await jpeg()), name: 'shown-of-ada.jpg' }, ada);
    const { media } = (await withKey('media:admin', 'GET', `/media/${shown.id}`)).body;
    expect(media).toMatchObject({ id: shown.id, src: shown.src });
    expect(media).not.toHaveProperty('ownerId');
    expect((await withKey('media:admin', 'GET', shown.src ?? '')).status).toBe(200);
  });
});

describe.skipIf(needsUsers !== null)(`reading (${needsUsers ?? 'users of this target'})`, () => {
  test('a person whose token is bound to another entity reads their own media and changes none of them', async () => {
    const ada = await newUser();
    const photo = await readyMedia(into('artist.images'), await jpeg(), ada);
    const bound = await newUser({ sub: ada.id, entities: ['artist/elsewhere'] });
    expect((await ask('GET', `/media/${photo.id}`, bound)).body.media).toMatchObject({ ownerId: ada.id });
    expectProblem(await ask('PATCH', `/media/${photo.id}`, { ...bound, body: { altText: 'x' } }), 403, 'forbidden');
    expectProblem(await ask('DELETE', `/media/${photo.id}`, bound), 403, 'forbidden');
  });

  test('a reader without a token learns neither the owner nor the file name; one who is signed in does', async () => {
    const entity = newEntity('artist');
    const ada = await newUser();
    const photo = await readyMedia(into('artist.images', entity), await jpeg(), ada);
    const [one, many] = [await ask('GET', `/media/${photo.id}`, { token: null }), await ask('GET', `/entities/${entity.path}/media`, { token: null })];
    for (const media of [one.body.media, many.body.media[0]]) {
      expect(media).toMatchObject({ id: photo.id, src: photo.src });
      expect(media).not.toHaveProperty('ownerId');
      expect(media).not.toHaveProperty('originalFileName');
    }
    expect((await ask('GET', `/media/${photo.id}`, await newUser())).body.media).toMatchObject({ ownerId: ada.id, originalFileName: photo.originalFileName });
  });

  test('a moderator reaches nothing in collections without a gate: neither record, decision nor URL', async () => {
    const [ada, moderator] = [await newUser(), await newUser({ scope: 'media:review' })];
    const product = await upload({ collection: 'product.files', entityType: 'product', entityId: newEntity('product').entityId }, await jpeg(), ada);
    const ids = [
      (await readyMedia({ collection: 'user.library' }, await jpeg(), ada)).id,
      (await readyMedia({ collection: 'brand.assets', entityType: 'brand', entityId: newEntity('brand').entityId }, await jpeg())).id,
      product.body.media.id,
      (await readyMedia(into('artist.images'), await jpeg(), ada)).id,
    ];
    for (const id of ids) {
      expectProblem(await ask('POST', `/media/${id}/review`, { ...moderator, body: { decision: 'rejected' } }), 404, 'not_found');
      expectProblem(await ask('GET', `/media/${id}/reviews`, moderator), 404, 'not_found');
    }
    const bulk = await ask('POST', '/review/decisions', { ...moderator, body: { items: ids.map((id) => ({ id, decision: 'approved' })) } });
    expect(bulk.body.results.map(({ status }: { status: number }) => status)).toEqual(ids.map(() => 404));
  });
});

test('every answer forbids content sniffing, and metrics cannot be read by pages of other origins', async () => {
  const asked = [
    '//',
    '//console',
    '//docs',
    '//openapi.json',
    '//healthz',
    '//readyz',
    '//metrics',
    '//nowhere',
    '//media/nope',
    '//storage/x',
    '//%zz',
    '/media',
    '/events',
  ];
  for (const path of asked) expect((await ask('GET', path, { token: null })).headers.get('x-content-type-options'), path).toBe('nosniff');
  const metrics = await ask('GET', '//metrics', { token: null, headers: { origin: 'https://evil.example' } });
  expect(metrics.headers.get('access-control-allow-origin')).toBeNull();
});
