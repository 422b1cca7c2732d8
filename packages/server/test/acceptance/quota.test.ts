import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

import { SignJWT } from 'jose';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { startProduct, type Product } from '../support/product.ts';
import { ask, expectProblem, form, newEntity, type Answer } from './support/api.ts';
import { anyFile, metadata, octets, tus, uploadIdOf } from './support/tus.ts';

const secret = 'a secret of the tests that is long enough';
let directory: string;
let product: Product;
/** A file larger than one owner may keep; and one that arrives a byte at a time, without end. */
const elsewhere = createServer((request, response) => {
  if (request.url !== '/drip') return response.end(Buffer.alloc(10_001));
  const drip = setInterval(() => response.write('x'), 50);
  return response.once('close', () => clearInterval(drip));
});
const elsewhereHost = (): string => `127.0.0.1:${(elsewhere.address() as AddressInfo).port}`;

beforeAll(async () => {
  elsewhere.listen(0, '127.0.0.1');
  await once(elsewhere, 'listening');
  directory = await mkdtemp(path.join(tmpdir(), 'safelight-quota-'));
  const config = path.join(directory, 'safelight.config.mjs');
  const standard = pathToFileURL(path.resolve(import.meta.dirname, 'support/safelight.config.ts'));
  await writeFile(
    config,
    `import standard from '${standard.href}';\nexport default { ...standard, ceilings: { ownerBytes: 10000, ownerItems: 4, ownerOpenUploads: 3, importSeconds: 2 } };\n`,
  );
  product = await startProduct('start', {
    dataDir: path.join(directory, 'data'),
    env: { SAFELIGHT_CONFIG: config, SAFELIGHT_JWT_SECRET: secret, SAFELIGHT_IMPORT_ALLOW_PRIVATE: elsewhereHost() },
  });
});
afterAll(async () => {
  elsewhere.close();
  await product?.stop();
  await rm(directory, { recursive: true, force: true });
});

let users = 0;
const newOwner = async (): Promise<string> =>
  await new SignJWT({ scope: 'media:write' })
    .setProtectedHeader({ alg: 'HS256' })
    .setSubject(`owner-${(users += 1)}`)
    .setExpirationTime('1h')
    .sign(new TextEncoder().encode(secret));
const anywhere = () => {
  const { entityType, entityId } = newEntity('product');
  return { collection: 'product.files', entityType, entityId };
};
const open = async (token: string, byteSize?: number): Promise<Answer> =>
  await ask('POST', `${product.url}/v1/media/upload/init`, {
    token,
    body: { ...anywhere(), filename: 'a.bin', ...(byteSize === undefined ? {} : { byteSize }) },
  });

test('an owner keeps no more bytes than allowed, in every protocol', async () => {
  const token = await newOwner();
  expect((await open(token, 6000)).status).toBe(201);
  const refused = await open(token, 4001);
  expectProblem(refused, 409, 'quota_exceeded');
  expect(refused.body.detail).toContain('6000');
  expect((await tus('POST', '', { token, server: product.url, headers: { 'upload-length': '4001', 'upload-metadata': metadata(anyFile()) } })).body.code).toBe(
    'quota_exceeded',
  );
  expect((await open(token, 4000)).status).toBe(201);
  expectProblem(await ask('POST', `${product.url}/v1/media`, { token, body: form(anywhere(), { bytes: 'hello', name: 'a.bin' }) }), 409, 'quota_exceeded');
  // The quota is this owner's, and affects nobody else.
  expect((await open(await newOwner(), 9000)).status).toBe(201);
});

test('many at once get no further than what fits, by form and by session', async () => {
  const token = await newOwner();
  const send = async () => await ask('POST', `${product.url}/v1/media`, { token, body: form(anywhere(), { bytes: Buffer.alloc(4000, 1), name: 'a.bin' }) });
  const sent = await Promise.all([send(), send(), send()]);
  expect(sent.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([202, 202, 409]);
  expectProblem(sent.find(({ status }) => status === 409) ?? (await send()), 409, 'quota_exceeded');
  const kept = (await ask('GET', `${product.url}/v1/media`, { token })).body.media;
  expect(kept.map(({ byteSize }: { byteSize: number }) => byteSize)).toEqual([4000, 4000]);
  const other = await newOwner();
  const opened = await Promise.all(Array.from({ length: 8 }, () => open(other, 2000)));
  expect(opened.filter(({ status }) => status === 201)).toHaveLength(3);
});

test('an import counts when its bytes have arrived', async () => {
  const token = await newOwner();
  const { body } = await ask('POST', `${product.url}/v1/media/import`, { token, body: { ...anywhere(), url: `http://${elsewhereHost()}/a.bin` } });
  await expect
    .poll(async () => (await ask('GET', `${product.url}/v1/uploads/${body.uploadId}`, { token })).body.upload, { timeout: 30_000 })
    .toMatchObject({
      state: 'failed',
      failure: { code: 'quota_exceeded' },
    });
  expect((await ask('GET', `${product.url}/v1/media`, { token })).body.media).toEqual([]);
});

test('an import that drips without end is stopped when its time is over', async () => {
  const token = await newOwner();
  const { body } = await ask('POST', `${product.url}/v1/media/import`, { token, body: { ...anywhere(), url: `http://${elsewhereHost()}/drip` } });
  await expect
    .poll(async () => (await ask('GET', `${product.url}/v1/uploads/${body.uploadId}`, { token })).body.upload, { timeout: 30_000 })
    .toMatchObject({
      state: 'failed',
      failure: { code: 'import_failed', message: 'The file did not come within 2 seconds.' },
    });
});

test('partial uploads of tus count once, even after they have been joined', async () => {
  const token = await newOwner();
  const partial = async (): Promise<string> => {
    const answer = await tus('POST', '', {
      token,
      server: product.url,
      headers: { 'upload-length': '5000', 'upload-concat': 'partial', 'content-type': octets, 'content-length': '5000' },
      body: Buffer.alloc(5000),
    });
    expect(answer.status, JSON.stringify(answer.body)).toBe(201);
    return answer.headers.get('location') ?? '';
  };
  const parts = [await partial(), await partial()];
  expectProblem(await open(token, 1), 409, 'quota_exceeded');
  const joined = await tus('POST', '', {
    token,
    server: product.url,
    headers: { 'upload-concat': `final;${parts.join(' ')}`, 'upload-metadata': metadata(anyFile()) },
  });
  expect(joined.status, JSON.stringify(joined.body)).toBe(201);
  expect((await ask('GET', `${product.url}/v1/media`, { token })).body.media).toMatchObject([{ byteSize: 10_000 }]);
});

test('a size that becomes known at the end counts then', async () => {
  const token = await newOwner();
  const opened = await open(token);
  await ask('PUT', opened.body.uploadURL, { token: null, headers: opened.body.headers, body: Buffer.alloc(10_001) });
  expectProblem(await ask('POST', `${product.url}/v1/media/upload/complete`, { token, body: { uploadId: opened.body.uploadId } }), 409, 'quota_exceeded');
});

test('a part that is joined several times counts each time, before anything is put together', async () => {
  const token = await newOwner();
  const partial = await tus('POST', '', {
    token,
    server: product.url,
    headers: { 'upload-length': '1000', 'upload-concat': 'partial', 'content-type': octets, 'content-length': '1000' },
    body: Buffer.alloc(1000),
  });
  const join = async (times: number): Promise<Answer> =>
    await tus('POST', '', {
      token,
      server: product.url,
      headers: { 'upload-concat': `final;${Array(times).fill(partial.headers.get('location')).join(' ')}`, 'upload-metadata': metadata(anyFile()) },
    });
  expectProblem(await join(11), 409, 'quota_exceeded');
  expect((await ask('GET', `${product.url}/v1/media`, { token })).body.media).toEqual([]);
  expect((await join(10)).status).toBe(201);
});

test('uploads of unknown length count as they arrive: by tus, by the draft, by parallel PUTs, in parts', async () => {
  const uploadOf = async (id: string, token: string) => (await ask('GET', `${product.url}/v1/uploads/${id}`, { token })).body.upload;
  const deferred = async (token: string, bytes: number): Promise<Answer> =>
    await tus('POST', '', {
      token,
      server: product.url,
      headers: { 'upload-defer-length': '1', 'upload-metadata': metadata(anyFile()), 'content-type': octets },
      body: Buffer.alloc(bytes),
    });
  const ada = await newOwner();
  const begun = await deferred(ada, 6000);
  expect(begun.status, JSON.stringify(begun.body)).toBe(201);
  expectProblem(await deferred(ada, 4001), 409, 'quota_exceeded');
  expectProblem(await open(ada, 4001), 409, 'quota_exceeded');
  const url = begun.headers.get('location') ?? '';
  const patch = async (bytes: number): Promise<Answer> =>
    await tus('PATCH', url, { token: ada, headers: { 'upload-offset': '6000', 'content-type': octets }, body: Buffer.alloc(bytes) });
  expectProblem(await patch(4001), 409, 'quota_exceeded');
  expect((await uploadOf(uploadIdOf(url), ada)).offset).toBe(6000);

  const bea = await newOwner();
  const asDraft = { 'tus-resumable': undefined, 'upload-draft-interop-version': '6', 'upload-complete': '?0' };
  const drafted = await tus('POST', `${product.url}/v1/uploads/resumable?${new URLSearchParams(anyFile())}`, {
    token: bea,
    headers: asDraft,
    body: Buffer.alloc(10_001),
  });
  expectProblem(drafted, 409, 'quota_exceeded');

  const eve = await newOwner();
  const opened = [await open(eve), await open(eve), await open(eve)];
  const sent = await Promise.all(opened.map(({ body }) => ask('PUT', body.uploadURL, { token: null, headers: body.headers, body: Buffer.alloc(4000, 1) })));
  expect(sent.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 200, 409]);
  const over = opened[sent.findIndex(({ status }) => status === 409)]?.body;
  expect(await uploadOf(over.uploadId, eve)).toMatchObject({ state: 'failed', failure: { code: 'quota_exceeded' } });
  expectProblem(await ask('POST', `${product.url}/v1/media/upload/complete`, { token: eve, body: { uploadId: over.uploadId } }), 409, 'quota_exceeded');

  const ida = await newOwner();
  const { body } = await ask('POST', `${product.url}/v1/media/upload/init`, { token: ida, body: { ...anywhere(), filename: 'a.bin', multipart: true } });
  const put = async (part: number, bytes: number): Promise<Answer> => await ask('PUT', body.parts[part].url, { token: null, body: Buffer.alloc(bytes) });
  expect((await put(0, 6000)).status).toBe(200);
  // When it is sent again it is the same part, and takes no more space.
  expect((await put(0, 6000)).status).toBe(200);
  expectProblem(await put(1, 4001), 409, 'quota_exceeded');
});

test('a deleted file cannot be restored above the quota of its owner', async () => {
  const token = await newOwner();
  const send = async (): Promise<string> => {
    const answer = await ask('POST', `${product.url}/v1/media`, { token, body: form(anywhere(), { bytes: Buffer.alloc(4000, 1), name: 'a.bin' }) });
    expect(answer.status, JSON.stringify(answer.body)).toBe(202);
    return answer.body.media.id;
  };
  const first = await send();
  await send();
  expect((await ask('DELETE', `${product.url}/v1/media/${first}`, { token })).status).toBe(200);
  const second = await send();
  expectProblem(await ask('POST', `${product.url}/v1/media/${first}/restore`, { token }), 409, 'quota_exceeded');
  expect((await ask('DELETE', `${product.url}/v1/media/${second}`, { token })).status).toBe(200);
  expect((await ask('POST', `${product.url}/v1/media/${first}/restore`, { token })).status).toBe(200);
});

test('an owner has no more open uploads than allowed, and can open another when one has ended', async () => {
  const token = await newOwner();
  const opened = [await open(token, 1), await open(token, 1), await open(token, 1)];
  expectProblem(await open(token, 1), 409, 'quota_exceeded');
  await ask('DELETE', `${product.url}/v1/uploads/${opened[0]?.body.uploadId}`, { token });
  expect((await open(token, 1)).status).toBe(201);
});

test('an owner has no more items than allowed', async () => {
  const token = await newOwner();
  for (let index = 0; index < 4; index += 1)
    expect((await ask('POST', `${product.url}/v1/media`, { token, body: form(anywhere(), { bytes: `hello ${index}`, name: 'a.bin' }) })).status).toBe(202);
  expectProblem(await open(token, 1), 409, 'quota_exceeded');
});
