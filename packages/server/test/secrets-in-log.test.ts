import { once } from 'node:events';
import { connect } from 'node:net';
import { randomBytes } from 'node:crypto';

import { SignJWT } from 'jose';
import { expect, test } from 'vitest';

import { startProduct } from './support/product.ts';
import { temporaryDirectory } from './support/temporary-directory.ts';

const jwtSecret = randomBytes(32).toString('hex');
const secret = (): string => `S3cr3t${randomBytes(12).toString('hex')}`;

/** A valid token of about this many characters. */
const tokenOf = async (bytes: number): Promise<string> =>
  await new SignJWT({ scope: 'media:write', padding: randomBytes(bytes / 2).toString('hex') })
    .setProtectedHeader({ alg: 'HS256' })
    .setSubject('ada')
    .setExpirationTime('1h')
    .sign(new TextEncoder().encode(jwtSecret));

test('no secret that a client sends is logged, wherever it is sent and whatever is answered', async () => {
  const product = await startProduct('start', {
    dataDir: await temporaryDirectory(),
    env: { SAFELIGHT_JWT_SECRET: jwtSecret, SAFELIGHT_LOG_LEVEL: 'trace' },
  });
  const { url } = product;
  const used: string[] = [];
  const use = (text: string): string => {
    used.push(text);
    return text;
  };
  const ask = async (path: string, init: RequestInit = {}): Promise<number> => {
    const response = await fetch(url + path, { redirect: 'manual', ...init });
    await response.arrayBuffer();
    return response.status;
  };
  const json = (text: string, token: string): RequestInit => ({
    method: 'POST',
    body: text,
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
  });

  const form = '/s3/params?filename=a.jpg&type=image/jpeg&metadata[collection]=user.library';
  for (const bytes of [200, 1300, 1800, 6000]) {
    const token = use(await tokenOf(bytes));
    expect(await ask(`/v1/companion/${token}${form}`), `a token of ${token.length} characters in the address`).toBe(200);
    expect(await ask('/v1/media', { headers: { authorization: `Bearer ${token}` } })).toBe(200);
    for (const path of [`/v1/companion/${token}/nowhere`, `/v1/companion/${token}`, `/companion/${token}/s3/params`, `/v1/media/${token}`, `/v1/jobs/${token}`])
      await ask(path);
    await ask(`/v1/companion/${token}/s3/multipart`, {
      method: 'OPTIONS',
      headers: { origin: 'https://app.example', 'access-control-request-method': 'POST' },
    });
    await ask(`/v1/companion/${token}/s3/multipart`, json('{', token));
    await ask(`/v1/companion/${token}/s3/%zz`);
  }
  const token = use(await tokenOf(100));
  await ask(`/v1/media?cursor=${use(secret())}`, { headers: { authorization: `Bearer ${token}` } });
  await ask(`/media/${'x'.repeat(24)}?signature=${use(secret())}`);
  await ask(`/storage/x?upload=${use(secret())}&signature=${use(secret())}`, { method: 'PUT', body: 'x' });
  await ask('/v1/media', { headers: { authorization: `Bearer sl_${use(secret())}` } });
  await ask('/v1/media', { headers: { authorization: `Basic ${use(secret())}` } });
  await ask('/v1/media', { headers: { authorization: `Bearer ${token}`, cookie: use(secret()), 'safelight-act-for': use(secret()) } });
  await ask('/metrics', { headers: { authorization: `Bearer ${use(secret())}` } });
  // Refusals and failures repeat their input in the words of a parser, of a schema or of the database.
  await ask('/v1/media/upload/init', json(`{"collection": ${use(secret())}`, token));
  await ask(
    '/v1/media/upload/init',
    json(JSON.stringify({ collection: use(secret()), filename: use(secret()), contentType: 'image/jpeg', byteSize: 1 }), token),
  );
  await ask('/v1/media/import', json(JSON.stringify({ collection: 'user.library', url: `http://127.0.0.1/${use(secret())}?key=${use(secret())}` }), token));
  await ask(`/v1/media?entity=${use(secret())}`, { headers: { authorization: `Bearer ${token}` } });
  await ask('/v1/media/upload/init', {
    ...json(JSON.stringify({ collection: 'user.library', filename: 'a.jpg', contentType: 'image/jpeg', byteSize: 1 }), token),
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}`, 'idempotency-key': use(`${secret()}${'k'.repeat(300)}`) },
  });
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  socket.end(`GET /v1/companion/${use(secret())} HTTP/1.1\r\nBroken ${use(secret())}\r\n\r\n`).resume();
  await once(socket, 'close');
  await product.stop();

  const log = product
    .output()
    .split('\n')
    .filter((line) => line.startsWith('{'));
  expect(log.length, 'requests in the log').toBeGreaterThan(20);
  for (const text of used) expect(log.filter((line) => line.includes(text) || line.includes(encodeURIComponent(text)))).toEqual([]);
});
