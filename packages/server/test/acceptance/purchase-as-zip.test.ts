import { randomBytes, randomInt, randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';

import { ask, expectProblem, into, nextServer, readyMedia, type Answer } from './support/api.ts';

const contents = [randomBytes(120_000), Buffer.alloc(1), randomBytes(30_000)];
const visit = async (url: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Answer> => {
  const { pathname, search } = new URL(url);
  return await ask(method, nextServer() + pathname + search, { token: null, headers });
};
/** Three files with the same name. */
async function bought(more: object = {}) {
  const media = [];
  for (const bytes of contents) media.push(await readyMedia(into('product.files'), { bytes, name: 'chapter.bin' }));
  const body = { transaction: `order-${randomUUID()}`, assetIds: media.map(({ id }) => id), ...more };
  const { grant } = (await ask('POST', '/grants', { body })).body;
  const path = `/grants/${grant.transaction}`;
  const used = async (): Promise<number[]> => (await ask('GET', path)).body.grant.files.map(({ downloads }: { downloads: number }) => downloads);
  return { grant, path, used };
}

test('a purchase can be downloaded as one archive of known length, which counts as one download of each file', async () => {
  const { grant, used } = await bought({ maxDownloads: 1 });
  const head = await visit(grant.zipURL, {}, 'HEAD');
  expect(head.status).toBe(200);
  expect(await used()).toEqual([0, 0, 0]);
  const whole = await visit(grant.zipURL);
  expect({ status: whole.status, length: whole.bytes.length }).toEqual({ status: 200, length: Number(head.headers.get('content-length')) });
  expect(Object.fromEntries(whole.headers)).toMatchObject({
    'content-type': 'application/zip',
    'content-disposition': expect.stringContaining(`${grant.transaction}.zip`),
    'cache-control': 'private, no-cache',
    'referrer-policy': 'no-referrer',
    etag: head.headers.get('etag'),
  });
  for (const [index, content] of contents.entries()) {
    expect(whole.bytes.includes(content)).toBe(true);
    expect(whole.bytes.includes(index === 0 ? 'chapter.bin' : `chapter (${index + 1}).bin`)).toBe(true);
  }
  expect(await used()).toEqual([1, 1, 1]);
  // The archive again, from the beginning, counts in the same windows; another client finds no download left.
  expect((await visit(grant.zipURL)).bytes.equals(whole.bytes)).toBe(true);
  expectProblem(await visit(grant.zipURL, { 'user-agent': 'somebody else' }), 403, 'download_limit_reached');
});

test('it continues wherever it was cut, on any server and from any network, as the same download', async () => {
  const { grant, used } = await bought({ maxDownloads: 1 });
  const whole = await visit(grant.zipURL);
  const etag = whole.headers.get('etag') ?? '';
  const { length } = whole.bytes;
  for (let turn = 0; turn < 12; turn++) {
    const cut = randomInt(1, length);
    const rest = await visit(grant.zipURL, { range: `bytes=${cut}-`, 'if-range': etag, 'user-agent': `network ${turn}` });
    if (rest.status === 403) break;
    expect({ status: rest.status, range: rest.headers.get('content-range') }).toEqual({ status: 206, range: `bytes ${cut}-${length - 1}/${length}` });
    expect(rest.bytes.equals(whole.bytes.subarray(cut))).toBe(true);
  }
  expect(await used()).toEqual([1, 1, 1]);
  expect((await visit(grant.zipURL, { 'if-none-match': etag })).status).toBe(304);
  expect((await visit(grant.zipURL, { range: `bytes=${length}-` })).status).toBe(416);
});

test('its plan changes with its contents, and resuming an outdated one starts over', async () => {
  const { grant, path } = await bought();
  const before = await visit(grant.zipURL);
  const [, one] = grant.assetIds;
  await ask('PATCH', path, { body: { removeAssetIds: [one] } });
  const after = await visit(grant.zipURL, { range: 'bytes=1000-', 'if-range': before.headers.get('etag') ?? '' });
  expect(after.status).toBe(200);
  expect(after.bytes.length).toBeLessThan(before.bytes.length);
});

test('it requires the same proof as the files, and reveals its existence to nobody else', async () => {
  const { grant, path } = await bought();
  const plain = grant.zipURL.split('?')[0];
  const unknown = plain.replace(grant.transaction, 'unknown');
  for (const url of [plain, unknown, `${unknown}${new URL(grant.zipURL).search}`, `${plain}?access=1.x.y`]) {
    expectProblem(await visit(url), 404, 'not_found');
    expect((await visit(url)).headers.get('cache-control')).toBe('no-store');
  }
  await ask('DELETE', path);
  expectProblem(await visit(grant.zipURL), 410, 'gone');
});

test('if one of its files has no download left, none is spent', async () => {
  const { grant, path, used } = await bought({ maxDownloads: 1 });
  expect((await visit(grant.files[2].url, { 'user-agent': 'first' })).status).toBe(200);
  expectProblem(await visit(grant.zipURL, { 'user-agent': 'second' }), 403, 'download_limit_reached');
  expect(await used()).toEqual([0, 0, 1]);
  await ask('PATCH', path, { body: { resetDownloads: [grant.files[2].mediaId] } });
  expect((await visit(grant.zipURL, { 'user-agent': 'second' })).status).toBe(200);
  expect(await used()).toEqual([1, 1, 1]);
});
