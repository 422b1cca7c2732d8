import { randomBytes, randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';

import { ask, expectProblem, into, needsUsers, newUser, nextServer, readyMedia, target, type Answer, type Asked } from './support/api.ts';
import { jpeg } from './support/pictures.ts';

const bytes = randomBytes(100_000);
const sold = async (asked: Asked = {}) => await readyMedia(into('product.files'), { bytes, name: 'plan.bin' }, asked);
const sign = async (id: string, body: object = {}, asked: Asked = {}): Promise<Answer> => await ask('POST', `/media/${id}/signed-url`, { ...asked, body });
const visit = async (url: string, method = 'GET', headers: Record<string, string> = {}): Promise<Answer> => {
  const { pathname, search } = new URL(url);
  return await ask(method, nextServer() + pathname + search, { token: null, headers });
};
const granted = async (mediaId: string, more: object = {}) =>
  (await ask('POST', '/grants', { body: { transaction: `order-${randomUUID()}`, assetIds: [mediaId], ...more } })).body.grant;

test('a URL that its owner has signed opens the file for anybody who has it, under its name, until it expires', async () => {
  const media = await sold();
  const answer = await sign(media.id, { expiresInSeconds: 600 });
  expect(answer.status, JSON.stringify(answer.body)).toBe(200);
  expect(Date.parse(answer.body.expiresAt) - Date.now()).toBeGreaterThan(590_000);
  const opened = await visit(answer.body.url);
  expect({ status: opened.status, same: opened.bytes.equals(bytes) }).toEqual({ status: 200, same: true });
  expect(opened.headers.get('content-disposition')).toContain('plan.bin');
  expect(opened.headers.get('cache-control')).toMatch(/private|no-store/);
  expect((await visit(answer.body.url, 'GET', { range: 'bytes=5-9' })).bytes.equals(bytes.subarray(5, 10))).toBe(true);
  expect((await visit(answer.body.url, 'HEAD')).status).toBe(200);
});

test('a URL that was altered anywhere opens nothing', async () => {
  const [media, other] = [await sold(), await sold()];
  const { url } = (await sign(media.id, { role: 'source' })).body;
  const swapped = url.replace(/signature=[^&]*/, (text: string) => text.slice(0, -3) + (text.endsWith('AAA') ? 'BBB' : 'AAA'));
  const altered = [swapped, url.replace(media.id, other.id), url.replace('/download/', '/view/'), url.replace('role=source', 'role=canonical')];
  altered.push(`${url}&address=0.0.0.0/0`, url.replace('role=source&', ''), `${url.split('?')[0]}?signature=`, `${url}&signature=x`);
  for (const wrong of altered) expectProblem(await visit(wrong), 404, 'not_found');
});

test('a deleted file is gone whatever was signed', async () => {
  const media = await sold();
  const { url } = (await sign(media.id)).body;
  await ask('DELETE', `/media/${media.id}`);
  for (const _server of target.urls) expectProblem(await visit(url), 410, 'gone');
  await ask('POST', `/media/${media.id}/restore`);
  expect((await visit(url)).status).toBe(200);
});

test('an inline URL shows what may be shown, and a role opens the file of that role', async () => {
  const photo = await readyMedia(into('product.files'), await jpeg());
  const preview = await visit((await sign(photo.id, { role: 'preview', disposition: 'inline' })).body.url);
  expect(preview.headers.get('content-type')).toBe('image/webp');
  expect(preview.headers.get('content-disposition')).toMatch(/^inline/);
  expectProblem(await sign(photo.id, { role: 'stream' }), 400, 'invalid_request');
  expectProblem(await sign(photo.id, { expiresInSeconds: 59 }), 400, 'invalid_request');
  expectProblem(await sign(photo.id, { expiresInSeconds: 604_801 }), 400, 'invalid_request');
});

test('a URL that names a grant spends downloads like the buyer’s own, except for the preview, and ends with the grant', async () => {
  const photo = await readyMedia(into('product.files'), await jpeg());
  const { transaction } = await granted(photo.id, { maxDownloads: 1 });
  const used = async () => (await ask('GET', `/grants/${transaction}`)).body.grant.files[0].downloads;
  const preview = (await sign(photo.id, { role: 'preview', transaction, disposition: 'inline' })).body.url;
  expect((await visit(preview)).status).toBe(200);
  expect(await used()).toBe(0);
  const { url } = (await sign(photo.id, { transaction })).body;
  expect((await visit(url)).status).toBe(200);
  expect(await used()).toBe(1);
  expect(url).toContain(`/access-media/${transaction}/${photo.id}?`);
  expectProblem(await visit(url.replace(transaction, 'another')), 404, 'not_found');
  await ask('DELETE', `/grants/${transaction}`);
  for (const _server of target.urls) for (const ended of [url, preview]) expectProblem(await visit(ended), 410, 'gone');
  expectProblem(await sign(photo.id, { transaction }), 410, 'gone');
  expectProblem(await sign(photo.id, { transaction: 'none-like-this' }), 400, 'invalid_request');
});

test('a URL for one network opens nowhere else', async () => {
  const media = await sold();
  expect((await visit((await sign(media.id, { address: 'caller' })).body.url)).status).toBe(200);
  expectProblem(await visit((await sign(media.id, { address: '203.0.113.0/24' })).body.url), 404, 'not_found');
  const nowhere = await sign(media.id, { address: 'somewhere' });
  expectProblem(nowhere, 400, 'invalid_request');
  expect(nowhere.body.detail).toContain('a network');
});

test.skipIf(needsUsers !== null)('only whose it is signs, and managers', async () => {
  const [owner, other] = [await newUser(), await newUser()];
  const media = await sold(owner);
  expect((await sign(media.id, {}, owner)).status).toBe(200);
  expect((await sign(media.id)).status).toBe(200);
  expectProblem(await sign(media.id, {}, other), 404, 'not_found');
  expectProblem(await sign(media.id, {}, { token: null }), 401, 'unauthenticated');
});
