import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { expect, onTestFinished, test, vi } from 'vitest';

import { testDatabase } from '../../test/support/database.ts';
import { createAuthentication } from './authenticate.ts';

const { db } = await testDatabase();
const { publicKey, privateKey } = await generateKeyPair('ES256');
const bearer = async (key = privateKey): Promise<{ authorization: string }> => ({
  authorization: `Bearer ${await new SignJWT({ scope: 'media:read' }).setProtectedHeader({ alg: 'ES256', kid: 'a' }).setSubject('ada').setExpirationTime('1h').sign(key)}`,
});

/** The key set of an identity provider that answers with this status. */
async function keySet(status: number) {
  const server = createServer(async (_request, response) =>
    response.writeHead(status).end(JSON.stringify({ keys: [{ ...(await exportJWK(publicKey)), kid: 'a', alg: 'ES256' }] })),
  ).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const jwksUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  return { authenticate: createAuthentication({ db, jwt: { secret: null, jwksUrl, issuer: null, audience: null } }), close: () => server.close() };
}

test('a token is verified with the key set of the identity provider', async () => {
  const { authenticate, close } = await keySet(200);
  expect(await authenticate(await bearer())).toMatchObject({ id: 'ada' });
  const { privateKey: foreign } = await generateKeyPair('ES256');
  await expect(authenticate(await bearer(foreign))).rejects.toMatchObject({ code: 'unauthenticated' });
  close();
});

test('while the key set cannot be fetched nobody is told that their token is wrong', async () => {
  const { authenticate, close } = await keySet(500);
  await expect(authenticate(await bearer())).rejects.toMatchObject({ code: 'unavailable' });
  await expect(authenticate({ authorization: 'Bearer rubbish' })).rejects.toMatchObject({ code: 'unauthenticated' });
  close();
  await expect(authenticate(await bearer())).rejects.toMatchObject({ code: 'unavailable' });
});

test('a token that was verified with the secret is valid until it expires, and another with its claims is not', async () => {
  const secret = 'a secret of at least thirty-two letters';
  const authenticate = createAuthentication({ db, jwt: { secret, jwksUrl: null, issuer: null, audience: null } });
  const signed = async (by: string) =>
    await new SignJWT({}).setProtectedHeader({ alg: 'HS256' }).setSubject('ada').setExpirationTime('1m').sign(new TextEncoder().encode(by));
  const token = await signed(secret);
  const ask = async (given: string) => await authenticate({ authorization: `Bearer ${given}` });
  for (let time = 0; time < 2; time++) expect(await ask(token)).toMatchObject({ id: 'ada' });
  await expect(ask(await signed('another secret of thirty-two letters'))).rejects.toMatchObject({ code: 'unauthenticated' });
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 66_000 });
  onTestFinished(() => void vi.useRealTimers());
  await expect(ask(token)).rejects.toThrow('The token has expired');
});

test.each([
  ['claim aud is "shop"; wanted is media (SAFELIGHT_JWT_AUDIENCE)', { audience: 'shop' }],
  ['claim aud is missing; wanted is media (SAFELIGHT_JWT_AUDIENCE)', {}],
  ['claim iss is "nobody"; wanted is us (SAFELIGHT_JWT_ISSUER)', { audience: 'media', issuer: 'nobody' }],
  ['claim sub is missing', { audience: 'media', issuer: 'us', subject: '' }],
  ['was not signed with SAFELIGHT_JWT_SECRET', { audience: 'media', issuer: 'us', secret: 'another secret of thirty-two letters' }],
])('in development a person is told that of a bad token the %s; elsewhere only that it is not valid', async (told, given) => {
  const { audience, issuer = 'us', subject = 'ada', secret = 'a secret of at least thirty-two letters' } = given as Record<string, string | undefined>;
  const token = new SignJWT({ scope: 'media:read' }).setProtectedHeader({ alg: 'HS256' }).setIssuer(issuer).setExpirationTime('1h');
  if (audience !== undefined) token.setAudience(audience);
  if (subject !== '') token.setSubject(subject);
  const headers = { authorization: `Bearer ${await token.sign(new TextEncoder().encode(secret))}` };
  const jwt = { secret: 'a secret of at least thirty-two letters', jwksUrl: null, issuer: 'us', audience: 'media' };
  await expect(createAuthentication({ db, jwt, explains: true })(headers)).rejects.toMatchObject({
    code: 'unauthenticated',
    detail: expect.stringContaining(told),
  });
  await expect(createAuthentication({ db, jwt })(headers)).rejects.toMatchObject({ detail: 'The token is not valid here.' });
});
