import { generateKeyPairSync } from 'node:crypto';

import { SignJWT } from 'jose';
import { describe, expect, test } from 'vitest';

import { ask, expectProblem, into, needsUsers, newEntity, newUser, readyMedia, target, upload, type Answer } from './support/api.ts';
import { jpeg } from './support/pictures.ts';
import { expectStored, putSigned } from './support/signed-put.ts';

const asking = async (authorization: string): Promise<Answer> => await ask('GET', '/media', { token: null, headers: { authorization } });

describe('a caller without a good token', () => {
  test('is told to sign in, and how', async () => {
    const answer = await ask('GET', '/media', { token: null });
    expectProblem(answer, 401, 'unauthenticated');
    expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer/);
    for (const header of ['Bearer', 'Bearer ', 'Basic YTpi', 'Bearer not-a-token', 'Bearer sl_nokey', 'Bearer a.b.c'])
      expectProblem(await asking(header), 401, 'unauthenticated');
  });

  test('is refused even where no token is needed, so that the client notices', async () => {
    expectProblem(await ask('GET', '/meta/media-rules', { token: 'rubbish' }), 401, 'unauthenticated');
    expect((await ask('GET', '/meta/media-rules', { token: null })).status).toBe(200);
  });
});

describe.skipIf(needsUsers !== null)(`a token (${needsUsers ?? 'signed with the secret of the target'})`, () => {
  const secret = new TextEncoder().encode(target.jwtSecret ?? '');
  const signed = (change: (jwt: SignJWT) => SignJWT, alg = 'HS256', key: Parameters<SignJWT['sign']>[0] = secret, claims: object = {}): Promise<string> =>
    change(new SignJWT({ scope: 'media:admin', ...claims }).setProtectedHeader({ alg }).setSubject('mallory').setExpirationTime('1h')).sign(key);
  const unsigned = (header: object, payload: object): string =>
    `${[header, payload].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.')}.`;

  test('that has expired, is not valid yet, or names nobody is refused', async () => {
    for (const token of [
      await signed((jwt) => jwt.setExpirationTime(Math.floor(Date.now() / 1000) - 60)),
      await signed((jwt) => jwt.setNotBefore('1h')),
      await signed((jwt) => jwt.setSubject('')),
      await new SignJWT({ scope: 'media:admin' }).setProtectedHeader({ alg: 'HS256' }).setSubject('mallory').sign(secret),
      await new SignJWT({ scope: 'media:admin' }).setProtectedHeader({ alg: 'HS256' }).setExpirationTime('1h').sign(secret),
      await new SignJWT({ scope: 'media:admin', ...({ sub: 7 } as object) }).setProtectedHeader({ alg: 'HS256' }).setExpirationTime('1h').sign(secret),
    ]) {
      expectProblem(await asking(`Bearer ${token}`), 401, 'unauthenticated');
    }
  });

  test('with another algorithm or key is refused: none, RS256, HS384, a wrong secret, a changed payload', async () => {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const claims = { sub: 'mallory', scope: 'media:admin', exp: Math.floor(Date.now() / 1000) + 600 };
    const good = await signed((jwt) => jwt);
    expect((await asking(`Bearer ${good}`)).status).toBe(200);
    const [head = '', , mac = ''] = good.split('.');
    for (const token of [
      unsigned({ alg: 'none' }, claims),
      unsigned({ alg: 'NONE', typ: 'JWT' }, claims),
      `${unsigned({ alg: 'HS256' }, claims)}${mac}`,
      await signed((jwt) => jwt, 'RS256', privateKey),
      await signed((jwt) => jwt, 'HS384'),
      await signed((jwt) => jwt, 'HS256', new TextEncoder().encode('x'.repeat(32))),
      `${head}.${Buffer.from(JSON.stringify({ ...claims, sub: 'admin' })).toString('base64url')}.${mac}`,
    ]) {
      expectProblem(await asking(`Bearer ${token}`), 401, 'unauthenticated');
    }
  });

  test('allows what its scope says and no more', async () => {
    const media = await readyMedia(into('artist.images'), await jpeg());
    const as = async (scope: string) => (await newUser({ scope })).token;
    const [nothing, reader, writer, manager] = [await as(''), await as('media:read'), await as('media:write'), await as('media:manage')];
    expectProblem(await ask('GET', '/media', { token: nothing }), 403, 'forbidden');
    expect((await ask('GET', '/media', { token: reader })).status).toBe(200);
    const refused = await upload(into('artist.images'), await jpeg(), { token: reader });
    expectProblem(refused, 403, 'forbidden');
    expect(refused.body.detail).toContain('media:write');
    expect((await upload(into('artist.images'), await jpeg(), { token: writer })).status).toBe(201);
    expectProblem(await ask('GET', '/policies/artist.images', { token: writer }), 403, 'forbidden');
    expect((await ask('GET', '/policies/artist.images', { token: manager })).status).toBe(200);
    expectProblem(await ask('PATCH', `/media/${media.id}`, { token: writer, body: { altText: 'x' } }), 403, 'forbidden');
    expect((await ask('PATCH', `/media/${media.id}`, { token: manager, body: { altText: 'x' } })).status).toBe(200);
    expectProblem(await ask('DELETE', `/media/${media.id}?purge=now`, { token: manager }), 403, 'forbidden');
    expectProblem(await ask('GET', '/admin/audit', { token: manager }), 403, 'forbidden');
  });

  test('with entity patterns writes only where they say', async () => {
    const [mine, other] = [newEntity('artist'), newEntity('artist')];
    const bound = await newUser({ entities: [mine.path, 'listing/*'] });
    expect((await upload(into('artist.images', mine), await jpeg(), bound)).status).toBe(201);
    expectProblem(await upload(into('artist.images', other), await jpeg(), bound), 403, 'forbidden');
    expect((await upload(into('listing.photos'), await jpeg(), bound)).status).toBe(202);
    const nothing = await newUser({ entities: [] });
    expectProblem(await upload(into('artist.images', mine), await jpeg(), nothing), 403, 'forbidden');
    const almost = await newUser({ entities: [`${mine.path.slice(0, -1)}*`, '*', '*/*', 'artist'] });
    expectProblem(await upload(into('artist.images', mine), await jpeg(), almost), 403, 'forbidden');
  });

  test('with entity patterns cannot continue an upload to another entity, even of the same owner', async () => {
    const [within, outside] = [newEntity('artist'), newEntity('artist')];
    const ada = await newUser();
    const bound = await newUser({ sub: ada.id, entities: [within.path] });
    const open = async (entity: typeof within): Promise<string> =>
      (
        await ask('POST', '/media/upload/init', {
          ...ada,
          body: { ...into('artist.images', entity), filename: 'a.jpg', contentType: 'image/jpeg', byteSize: 10 },
        })
      ).body.uploadId;
    const uploadId = await open(outside);
    expectProblem(await ask('POST', '/media/upload/complete', { ...bound, body: { uploadId } }), 404, 'not_found');
    expectProblem(await ask('DELETE', `/uploads/${uploadId}`, bound), 404, 'not_found');
    expect((await ask('DELETE', `/uploads/${await open(within)}`, bound)).status).toBe(200);
  });

  test('without patterns writes to an entity that is empty or its own, never to one of somebody else', async () => {
    const entity = newEntity('artist');
    const [ada, eve] = [await newUser(), await newUser()];
    const first = await upload(into('artist.images', entity), await jpeg(), ada);
    expect((await upload(into('artist.images', entity), await jpeg(), ada)).status).toBe(201);
    expectProblem(await upload(into('artist.images', entity), await jpeg(), eve), 403, 'forbidden');
    expectProblem(
      await ask('POST', '/media/upload/init', { ...eve, body: { ...into('artist.images', entity), filename: 'a.jpg', byteSize: 10 } }),
      403,
      'forbidden',
    );
    expectProblem(await ask('DELETE', `/media/${first.body.media.id}`, eve), 403, 'forbidden');
    expect((await ask('GET', `/entities/${entity.path}/media`, eve)).body.media).toHaveLength(2);
  });

  test('with entities that are not a list of patterns is refused, because unreadable limits must not mean none', async () => {
    const claiming = async (entities: unknown): Promise<string> => `Bearer ${await signed((jwt) => jwt, 'HS256', secret, { entities })}`;
    for (const entities of ['artist/42', { artist: '42' }, 7, false, ['artist/42', 7]])
      expectProblem(await asking(await claiming(entities)), 401, 'unauthenticated');
    for (const entities of [null, [], ['artist/42']]) expect((await asking(await claiming(entities))).status).toBe(200);
  });

  test('without patterns adds nothing to an entity that has become somebody else’s in the meantime', async () => {
    const [ada, eve] = [await newUser(), await newUser()];
    const bytes = (await jpeg()).bytes;
    const open = async (entity = newEntity('listing')) => {
      const body = { ...into('listing.photos', entity), filename: 'a.jpg', contentType: 'image/jpeg', byteSize: bytes.length };
      const opened = (await ask('POST', '/media/upload/init', { ...eve, body })).body;
      expectStored(await putSigned(opened, bytes));
      return { entity, complete: async () => await ask('POST', '/media/upload/complete', { ...eve, body: { uploadId: opened.uploadId } }) };
    };
    const [taken, free] = [await open(), await open()];
    await readyMedia(into('listing.photos', taken.entity), await jpeg(), ada);
    expectProblem(await taken.complete(), 403, 'forbidden');
    expect((await free.complete()).status).toBe(202);

    const { entity } = await open();
    const own = await readyMedia(into('listing.photos', entity), await jpeg(), eve);
    expect((await ask('DELETE', `/media/${own.id}`, eve)).status).toBe(200);
    await readyMedia(into('listing.photos', entity), await jpeg(), ada);
    expectProblem(await ask('POST', `/media/${own.id}/restore`, eve), 403, 'forbidden');
    for (const place of [taken.entity, entity])
      expect((await ask('GET', `/entities/${place.path}/media`, ada)).body.media).toMatchObject([{ ownerId: ada.id }]);
  });

  test('without patterns loses the race for an empty entity to the first', async () => {
    const entity = newEntity('artist');
    const users = await Promise.all(Array.from({ length: 4 }, async () => await newUser()));
    const answers = await Promise.all(users.map(async (user) => await upload(into('artist.images', entity), await jpeg(), user)));
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([201, 403, 403, 403]);
  });

  test('of another user gets the same answer for unpublished media as for missing ones', async () => {
    const [ada, eve] = [await newUser(), await newUser()];
    const media = await readyMedia({ collection: 'user.library' }, await jpeg(), ada);
    for (const answer of [
      await ask('GET', `/media/${media.id}`, eve),
      await ask('PATCH', `/media/${media.id}`, { ...eve, body: { altText: 'x' } }),
      await ask('DELETE', `/media/${media.id}`, eve),
      await ask('POST', `/media/${media.id}/restore`, eve),
      await ask('POST', `/media/${media.id}/retry`, eve),
      await ask('GET', `//view/${media.id}`, eve),
      await ask('GET', `//download/${media.id}`, eve),
    ]) {
      expectProblem(answer, 404, 'not_found');
    }
    expect((await ask('GET', '/media', eve)).body).toEqual({ media: [], nextCursor: null });
    expect((await ask('GET', '/media', ada)).body.media).toHaveLength(1);
  });

  test('of anybody but a manager adds nothing to a collection for managers', async () => {
    const fields = { collection: 'brand.assets', entityType: 'brand', entityId: newEntity('brand').entityId };
    expectProblem(await upload(fields, await jpeg(), await newUser()), 403, 'forbidden');
    expect((await upload(fields, await jpeg(), await newUser({ scope: 'media:manage' }))).status).toBe(201);
  });
});
