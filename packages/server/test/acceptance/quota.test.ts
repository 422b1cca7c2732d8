import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

import { SignJWT } from 'jose';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { startProduct, type Product } from '../support/product.ts';
import { ask, expectProblem, form, newEntity, type Answer } from './support/api.ts';
import { anyFile, metadata, tus } from './support/tus.ts';

const secret = 'a secret of the tests that is long enough';
let directory: string;
let product: Product;

beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'safelight-quota-'));
  const config = path.join(directory, 'safelight.config.mjs');
  const standard = pathToFileURL(path.resolve(import.meta.dirname, 'support/safelight.config.ts'));
  await writeFile(
    config,
    `import standard from '${standard.href}';\nexport default { ...standard, ceilings: { ownerBytes: 10000, ownerItems: 4, ownerOpenUploads: 3 } };\n`,
  );
  product = await startProduct('start', { dataDir: path.join(directory, 'data'), env: { SAFELIGHT_CONFIG: config, SAFELIGHT_JWT_SECRET: secret } });
});
afterAll(async () => {
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

test('one owner keeps no more bytes than allowed, by whichever way they come', async () => {
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
  // It is this owner's quota, and nobody else's.
  expect((await open(await newOwner(), 9000)).status).toBe(201);
});

test('a size that is known only at the end is counted then', async () => {
  const token = await newOwner();
  const opened = await open(token);
  await ask('PUT', opened.body.uploadURL, { token: null, headers: opened.body.headers, body: Buffer.alloc(10_001) });
  expectProblem(await ask('POST', `${product.url}/v1/media/upload/complete`, { token, body: { uploadId: opened.body.uploadId } }), 409, 'quota_exceeded');
});

test('one owner has no more uploads open than allowed, and room again when one has ended', async () => {
  const token = await newOwner();
  const opened = [await open(token, 1), await open(token, 1), await open(token, 1)];
  expectProblem(await open(token, 1), 409, 'quota_exceeded');
  await ask('DELETE', `${product.url}/v1/uploads/${opened[0]?.body.uploadId}`, { token });
  expect((await open(token, 1)).status).toBe(201);
});

test('one owner has no more items than allowed', async () => {
  const token = await newOwner();
  for (let index = 0; index < 4; index += 1)
    expect((await ask('POST', `${product.url}/v1/media`, { token, body: form(anywhere(), { bytes: `hello ${index}`, name: 'a.bin' }) })).status).toBe(202);
  expectProblem(await open(token, 1), 409, 'quota_exceeded');
});
