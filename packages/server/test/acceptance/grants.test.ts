import { randomBytes, randomUUID } from 'node:crypto';
import { expect, onTestFinished, test } from 'vitest';

import { ask, expectProblem, form, into, needsUsers, newUser, nextServer, readyMedia, target, type Answer } from './support/api.ts';
import { follow } from './support/event-stream.ts';

const bytes = randomBytes(200_000);
const sold = async (name = 'song.bin') => await readyMedia(into('product.files'), { bytes, name });
const create = async (body: object) => await ask('POST', '/grants', { body });
const bought = async (more: object = {}) => {
  const media = await sold();
  const answer = await create({ transaction: `order-${randomUUID()}`, assetIds: [media.id], ...more });
  expect(answer.status, JSON.stringify(answer.body)).toBe(201);
  const { grant } = answer.body;
  return { media, grant, file: grant.files[0], path: `/grants/${grant.transaction}` };
};
/** Like a client without a session: asks any server, whatever origin the URL names. */
const visit = async (url: string, headers: Record<string, string> = {}, method = 'GET', token: string | null = null): Promise<Answer> => {
  const { pathname, search } = new URL(url);
  return await ask(method, nextServer() + pathname + search, { token, headers });
};
const boughtLarge = async () => {
  const media = await readyMedia(into('product.files'), { bytes: randomBytes(32 * 2 ** 20), name: 'film.bin' });
  return (await create({ transaction: `order-${randomUUID()}`, assetIds: [media.id] })).body.grant.files[0];
};
const used = async (path: string): Promise<number> => (await ask('GET', path)).body.grant.files[0].downloads;

test('a grant is answered with its files and URLs; the same request again with the same answer, another body with a conflict', async () => {
  const { media, grant, file } = await bought({ maxDownloads: 3 });
  expect(grant).toMatchObject({ buyerId: null, assetIds: [media.id], expiresAt: null, maxDownloads: 3, revokedAt: null, version: 1 });
  expect(file).toMatchObject({ mediaId: media.id, fileName: 'song.bin', byteSize: bytes.length, downloads: 0, maxDownloads: 3, lastDownloadAt: null });
  expect(file.sha256).toMatch(/^[0-9a-f]{64}$/);
  const again = await create({ transaction: grant.transaction, assetIds: [media.id], maxDownloads: 3 });
  expect({ status: again.status, grant: again.body.grant }).toEqual({ status: 200, grant });
  const capitals = await create({ transaction: grant.transaction, assetIds: [media.id.toUpperCase()], maxDownloads: 3 });
  expect({ status: capitals.status, grant: capitals.body.grant }).toEqual({ status: 200, grant });
  expectProblem(await create({ transaction: grant.transaction, assetIds: [media.id] }), 409, 'idempotency_conflict');
  // A name of only dots would be a path segment and no name.
  for (const transaction of ['a b', '.', '..']) expectProblem(await create({ transaction, assetIds: [media.id] }), 400, 'invalid_request');
  expectProblem(await create({ transaction: `o-${randomUUID()}`, assetIds: [randomUUID()] }), 400, 'invalid_request');
});

test.skipIf(needsUsers !== null)('a seller makes no grants', async () => {
  const { token } = await newUser();
  expectProblem(await ask('POST', '/grants', { token, body: { transaction: 'x', assetIds: [randomUUID()] } }), 403, 'forbidden');
});

test('the buyer’s URL answers the bytes under their name, with no-store, and a page to browsers', async () => {
  const { grant, file } = await bought();
  const answer = await visit(file.url);
  expect(answer.status).toBe(200);
  expect(answer.bytes.equals(bytes)).toBe(true);
  expect(Object.fromEntries(answer.headers)).toMatchObject({
    'cache-control': 'private, no-cache',
    'content-disposition': expect.stringContaining('song.bin'),
    'repr-digest': `sha-256=:${Buffer.from(file.sha256, 'hex').toString('base64')}:`,
    'referrer-policy': 'no-referrer',
  });
  // A misspelt parameter opens nothing, and spends nothing.
  for (const wrong of ['&role=previw', '&disposition=inlin']) expectProblem(await visit(file.url + wrong), 400, 'invalid_request');
  const page = await visit(grant.accessURL, { accept: 'text/html' });
  expect(page.headers.get('content-type')).toContain('text/html');
  expect(page.bytes.toString()).toContain('song.bin');
  expect(page.bytes.toString()).not.toContain('<script');
  expect((await visit(grant.accessURL)).body.grant.transaction).toBe(grant.transaction);
});

test('without a valid proof every refusal is the same', async () => {
  const { grant, file } = await bought();
  const other = await sold();
  const base = file.url.split('?')[0];
  const access = new URL(file.url).search;
  const door = base.slice(0, base.lastIndexOf('/'));
  const refused = [base, `${base}?access=1.x.y`, `${door}/${other.id}${access}`, `${door}/not-an-id${access}`, door];
  refused.push(`${door.replace(grant.transaction, 'unknown')}/${file.mediaId}${access}`, `${base}?access=2${access.slice(9)}`);
  for (const url of refused) {
    const answer = await visit(url);
    expectProblem(answer, 404, 'not_found');
    expect({ ...answer.body, requestId: '' }, url).toEqual({ ...(await visit(base)).body, requestId: '' });
    expect(answer.headers.get('cache-control')).toBe('no-store');
  }
});

test('a revoked grant is gone with the next request, and restored with the one after; a new token ends the old one', async () => {
  const { path, file } = await bought();
  expect((await ask('DELETE', path)).body.grant.revokedAt).not.toBeNull();
  expect((await ask('DELETE', path)).status).toBe(200);
  for (const _server of target.urls) expectProblem(await visit(file.url), 410, 'gone');
  expect((await ask('POST', `${path}/restore`)).body.grant.revokedAt).toBeNull();
  for (const _server of target.urls) expect((await visit(file.url)).status).toBe(200);
  const renewed = (await ask('POST', `${path}/access-token`)).body.grant;
  expectProblem(await visit(file.url), 404, 'not_found');
  expect((await visit(renewed.files[0].url)).status).toBe(200);
});

test('the seller sees which requests were refused, and why; for unknown numbers nothing is stored', async () => {
  const { media, file, grant, path } = await bought({ maxDownloads: 1 });
  const base = file.url.split('?')[0];
  await visit(base);
  for (let turn = 0; turn < 3; turn++) await visit(`${base}?access=1.x.y`, { 'user-agent': 'Mozilla/5.0' });
  await visit(file.url, { 'user-agent': 'first' });
  expectProblem(await visit(file.url, { 'user-agent': 'second' }), 403, 'download_limit_reached');
  await ask('DELETE', path);
  await visit(file.url);
  await visit(grant.accessURL);
  await visit(base.replace(grant.transaction, 'order-nobody-has'));
  const told = async () =>
    (await ask('GET', `${path}/refusals`)).body.refusals.map(({ mediaId, reason, client, count }: Record<string, unknown>) => [reason, client, mediaId, count]);
  await expect
    .poll(async () => (await told()).toSorted(), { timeout: 10_000 })
    .toEqual([
      ['limit', 'program', media.id, 1],
      ['no_proof', 'program', media.id, 1],
      ['revoked', 'program', null, 1],
      ['revoked', 'program', media.id, 1],
      ['wrong_proof', 'browser', media.id, 3],
    ]);
});

test('grants are found by their buyer and by the beginning of their number', async () => {
  const { grant } = await bought({ buyerId: `ada-${randomUUID()}` });
  const found = async (search: string) =>
    (await ask('GET', `/grants?search=${encodeURIComponent(search)}`)).body.grants.map((one: { transaction: string }) => one.transaction);
  for (const search of [grant.transaction, grant.transaction.slice(0, 20), grant.buyerId]) expect(await found(search), search).toEqual([grant.transaction]);
  for (const search of ['%', '_', `${grant.transaction}x`]) expect(await found(search), search).toEqual([]);
});

test('a partial refund removes the named files, and a grant expires at its time', async () => {
  const [one, two] = [await sold('one.bin'), await sold('two.bin')];
  const { grant } = (await create({ transaction: `o-${randomUUID()}`, assetIds: [one.id, two.id] })).body;
  const path = `/grants/${grant.transaction}`;
  expectProblem(await ask('PATCH', path, { body: { removeAssetIds: [one.id] }, headers: { 'if-match': '"v9"' } }), 412, 'precondition_failed');
  const { grant: less } = (await ask('PATCH', path, { body: { removeAssetIds: [one.id] }, headers: { 'if-match': '"v1"' } })).body;
  expect(less).toMatchObject({ assetIds: [two.id], version: 2 });
  expectProblem(await visit(grant.files[0].url), 410, 'gone');
  expect((await visit(grant.files[1].url)).status).toBe(200);
  await ask('PATCH', path, { body: { addAssetIds: [one.id] } });
  expect((await visit(grant.files[0].url)).status).toBe(200);
  await ask('PATCH', path, { body: { expiresAt: new Date(Date.now() - 1000).toISOString() } });
  expectProblem(await visit(grant.files[1].url), 410, 'gone');
});

test.skipIf(needsUsers !== null)('the buyer is who the grant names; a token counts beside somebody else’s session', async () => {
  const buyer = await newUser();
  const other = await newUser();
  const { file } = await bought({ buyerId: buyer.id });
  const plain = file.url.split('?')[0];
  expect((await visit(plain, {}, 'GET', buyer.token)).status).toBe(200);
  expectProblem(await visit(plain, {}, 'GET', other.token), 404, 'not_found');
  expect((await visit(file.url, {}, 'GET', other.token)).status).toBe(200);
});

test('what a shop deletes remains available to its buyers', async () => {
  const { media, file } = await bought();
  expect((await ask('DELETE', `/media/${media.id}`)).status).toBe(200);
  expect((await visit(file.url)).bytes.equals(bytes)).toBe(true);
});

test('of fifty requests at once, a limit of three allows three', async () => {
  const { file, path } = await bought({ maxDownloads: 3 });
  const answers = await Promise.all(Array.from({ length: 50 }, async (_, index) => await visit(file.url, { 'user-agent': `client ${index}` })));
  const count = (status: number) => answers.filter((answer) => answer.status === status).length;
  expect({ let: count(200), refused: count(403) }).toEqual({ let: 3, refused: 47 });
  expectProblem(answers.find(({ status }) => status === 403) ?? (await visit(file.url, { 'user-agent': 'late' })), 403, 'download_limit_reached');
  expect(await used(path)).toBe(3);
  expect((await ask('GET', `${path}/downloads`)).body.downloads).toHaveLength(3);
  await ask('PATCH', path, { body: { resetDownloads: true } });
  expect((await visit(file.url, { 'user-agent': 'client 51' })).status).toBe(200);
});

test('fifty ranges of one client, a probe and a resumption are one download; a HEAD costs none', async () => {
  const { file, path } = await bought({ maxDownloads: 1 });
  expect((await visit(file.url, {}, 'HEAD')).status).toBe(200);
  expect((await visit(file.url, { 'sec-purpose': 'prefetch' })).status).toBe(204);
  expect((await visit(file.url, { range: `bytes=${bytes.length}-` })).status).toBe(416);
  const bot = await visit(file.url, { 'user-agent': 'Slackbot-LinkExpanding 1.0' });
  expect(bot.bytes.includes(bytes.subarray(0, 64))).toBe(false);
  expect(await used(path)).toBe(0);
  expect((await visit(file.url, { range: 'bytes=0-1' })).status).toBe(206);
  const size = bytes.length / 50;
  const parts = await Promise.all(
    Array.from({ length: 50 }, async (_, index) => await visit(file.url, { range: `bytes=${index * size}-${(index + 1) * size - 1}` })),
  );
  expect(new Set(parts.map(({ status }) => status))).toEqual(new Set([206]));
  expect(Buffer.concat(parts.map((part) => part.bytes)).equals(bytes)).toBe(true);
  expect((await visit(file.url, { range: 'bytes=100000-', 'user-agent': 'another network' })).status).toBe(206);
  expect(await used(path)).toBe(1);
});

test('downloading the beginning again and again spends downloads', async () => {
  const { file, path } = await bought({ maxDownloads: 2 });
  let sent = 0;
  for (let turn = 0; turn < 20; turn++) sent += (await visit(file.url, { range: 'bytes=0-' })).status === 206 ? bytes.length : 0;
  expect(sent).toBeLessThanOrEqual((3 * 2 + 1) * bytes.length);
  expect(await used(path)).toBe(2);
  expectProblem(await visit(file.url, { range: 'bytes=0-' }), 403, 'download_limit_reached');
});

test('a browser that is refused gets a readable page, without scripts and not cached', async () => {
  const { file, path } = await bought({ maxDownloads: 1 });
  const html = { accept: 'text/html,application/xhtml+xml', 'user-agent': 'Mozilla/5.0' };
  expect((await visit(file.url, { 'user-agent': 'first' })).status).toBe(200);
  const refused = [
    [403, file.url],
    [404, file.url.split('?')[0]],
  ] as const;
  const expectPage = async (status: number, url: string) => {
    const answer = await visit(url, html);
    expect({ status: answer.status, type: answer.headers.get('content-type'), cache: answer.headers.get('cache-control') }).toEqual({
      status,
      type: 'text/html; charset=utf-8',
      cache: 'no-store',
    });
    expect(answer.bytes.toString()).toMatch(/<h1>/);
    expect(answer.bytes.toString()).not.toMatch(/<script|song\.bin/);
  };
  for (const [status, url] of refused) await expectPage(status, url);
  await ask('DELETE', path);
  await expectPage(410, file.url);
});

test('a buyer of a replaced file gets the current version under the same URL', async () => {
  const { media, grant, file, path } = await bought();
  const newer = randomBytes(5_000);
  const replaced = await ask('POST', `/media/${media.id}/replacement`, { body: form({}, { bytes: newer, name: 'song-2.bin' }) });
  expect(replaced.status, JSON.stringify(replaced.body)).toBe(202);
  await expect.poll(async () => (await ask('GET', path)).body.grant.files[0].replacedBy, { timeout: 40_000 }).toBe(replaced.body.media.id);
  expect((await visit(file.url)).bytes.equals(newer)).toBe(true);
  expect((await ask('GET', path)).body.grant).toMatchObject({
    assetIds: grant.assetIds,
    files: [{ mediaId: media.id, fileName: 'song-2.bin', url: file.url }],
  });
});

test('a forced purge by a manager also removes it for buyers, even if it was deleted before', async () => {
  for (const isDeleted of [false, true]) {
    const { media, file, path } = await bought();
    if (isDeleted) await ask('DELETE', `/media/${media.id}`);
    expect((await ask('DELETE', `/media/${media.id}?force=true`)).status).toBe(200);
    // With the next request: neither the job that purges nor its worker decides.
    expect((await visit(file.url)).status).toBe(410);
    expect((await ask('GET', path)).body.grant.files).toEqual([]);
  }
});

test.skipIf(needsUsers !== null)('a seller purges nothing by force, and sees how often what is theirs was downloaded, not by whom', async () => {
  const seller = await newUser();
  const media = await readyMedia(into('product.files'), { bytes, name: 'song.bin' }, seller);
  expectProblem(await ask('DELETE', `/media/${media.id}?force=true`, seller), 403, 'forbidden');
  expect((await ask('GET', `/media/${media.id}/downloads`, seller)).body).toEqual({ days: [] });
  for (const buyers of ['<5', 5]) {
    const more = buyers === 5 ? 4 : 1;
    for (let turn = 0; turn < more; turn++) {
      const { grant } = (await create({ transaction: `o-${randomUUID()}`, assetIds: [media.id] })).body;
      expect((await visit(grant.files[0].url)).status).toBe(200);
    }
    const count = buyers === 5 ? 5 : 1;
    const read = async () => (await ask('GET', `/media/${media.id}/downloads`, seller)).body.days;
    await expect.poll(read).toEqual([{ day: expect.any(String), downloads: count, buyers, bytes: count * bytes.length }]);
  }
  expect((await ask('GET', `/media/${media.id}/downloads?from=2020-01-01&to=2020-02-01`, seller)).body.days).toEqual([]);
  expect((await ask('GET', `/media/${media.id}/downloads?from=2020-01-01&to=2099-12-31`, seller)).body.days).toHaveLength(1);
  expectProblem(await ask('GET', `/media/${media.id}/downloads`, await newUser()), 404, 'not_found');
});

test('the creator of a grant receives an event when a download begins and ends', async () => {
  const { media, grant, file } = await bought();
  const events = await follow(`?mediaId=${media.id}`);
  expect((await visit(file.url)).status).toBe(200);
  const { transaction } = grant;
  const { data: started } = await events.until('download_started');
  expect(started).toMatchObject({ mediaId: media.id, transaction });
  expect((await events.until('download_completed')).data).toMatchObject({ mediaId: media.id, transaction, downloadId: started.downloadId });
});

test('one server sends at most sixteen answers for one grant at once, and the next when one has ended', async () => {
  const { pathname, search } = new URL((await boughtLarge()).url);
  const url = nextServer() + pathname + search;
  const closing = new AbortController();
  onTestFinished(() => closing.abort());
  const open = await Promise.all(Array.from({ length: 16 }, async () => await fetch(url, { signal: closing.signal })));
  expect(new Set(open.map(({ status }) => status))).toEqual(new Set([200]));
  const tooMany = await ask('GET', url, { token: null });
  expectProblem(tooMany, 429, 'rate_limited');
  expect(Number(tooMany.headers.get('retry-after'))).toBeGreaterThan(0);
  await open[0]?.body?.cancel();
  await expect.poll(async () => (await ask('GET', url, { token: null })).status, { timeout: 20_000 }).toBe(200);
});

test('at most sixty downloads of one purchase may begin within a minute', async () => {
  const { file } = await bought();
  for (let turn = 0; turn < 60; turn++) expect((await visit(file.url, { 'user-agent': `reader ${turn}` })).status).toBe(200);
  const refused = await visit(file.url, { 'user-agent': 'reader 60' });
  expectProblem(refused, 429, 'rate_limited');
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
  expect((await visit(file.url, { 'user-agent': 'reader 59' })).status).toBe(200);
});
