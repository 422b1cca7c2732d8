import { expandScopes } from '@safelight/contract/scopes';
import type { JWTPayload } from 'jose';
import * as joseErrors from 'jose/errors';
import { createRemoteJWKSet } from 'jose/jwks/remote';
import { jwtVerify } from 'jose/jwt/verify';
import { z } from 'zod';

import type { Actor, Db } from '../lib/context.ts';
import { SafelightError } from '../lib/errors.ts';
import { hashKey, keyPrefix } from '../lib/key-digest.ts';
import { invalidRequest, readInput } from './read-input.ts';
import { isStorable } from './storable-text.ts';

type Jwt = { secret: string | null; jwksUrl: string | null; issuer: string | null; audience: string | null };
export type AuthenticateOptions = {
  db: Db;
  jwt: Jwt;
  /** Explains what is wrong with a token. In development only: elsewhere it would help an attacker who tries tokens. */
  explains?: boolean;
};

export type Authenticate = (headers: { authorization?: string | undefined; 'safelight-act-for'?: string | string[] | undefined }) => Promise<Actor>;

/** The anonymous caller, who may read what is public. */
export const anonymous: Actor = { id: '', scopes: new Set() };

/**
 * Identifies the caller by bearer token or API key; without either the caller is anonymous. A wrong token is refused even where none is needed, so
 * that the client learns of it at once.
 */
export function createAuthentication({ db, jwt, explains = false }: AuthenticateOptions): Authenticate {
  const secret = jwt.secret === null ? null : new TextEncoder().encode(jwt.secret);
  const keySet = jwt.jwksUrl === null ? null : createRemoteJWKSet(new URL(jwt.jwksUrl));
  const claims = {
    requiredClaims: ['sub', 'exp'],
    clockTolerance,
    ...(jwt.issuer === null ? {} : { issuer: jwt.issuer }),
    ...(jwt.audience === null ? {} : { audience: jwt.audience }),
  };
  const bySecret = secret === null ? null : remembering(async (token) => (await jwtVerify(token, secret, { ...claims, algorithms: ['HS256'] })).payload);
  const verify = async (token: string): Promise<JWTPayload> => {
    if (keySet !== null) {
      // A key set never verifies a symmetric signature, because its keys are public.
      return (
        await jwtVerify(token, keySet, { ...claims, algorithms: ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA'] })
      ).payload;
    }
    if (bySecret === null) throw new SafelightError('unauthenticated', 'This server accepts no tokens.');
    return await bySecret(token);
  };
  return async (headers) => {
    if (headers.authorization === undefined) return anonymous;
    const [, token] = /^bearer +(\S+)$/i.exec(headers.authorization) ?? [];
    if (token === undefined) throw unauthenticated('Send the header Authorization: Bearer <token>.');
    if (token.startsWith(keyPrefix)) return await actorOfKey(db, token, headers['safelight-act-for']);
    try {
      return actorOfToken(await verify(token));
    } catch (error) {
      if (error instanceof SafelightError) throw error;
      if (isKeySetAway(error))
        throw new SafelightError('unavailable', 'The keys that tokens are checked with cannot be fetched at this moment.', { cause: error });
      if (error instanceof joseErrors.JWTExpired) throw unauthenticated('The token has expired. Sign in again.', error);
      throw unauthenticated(explains ? `The token is not valid here: ${explainToken(error, jwt)}` : 'The token is not valid here.', error);
    }
  };
}

const clockTolerance = 5;
const mostRemembered = 500;

/**
 * Remembers tokens signed with this process's own secret: their signature stays valid, so later only the expiry is checked. Tokens verified with a
 * key set are not remembered, because its keys may be withdrawn.
 */
function remembering(verify: (token: string) => Promise<JWTPayload>): (token: string) => Promise<JWTPayload> {
  const verified = new Map<string, JWTPayload>();
  return async (token) => {
    const known = verified.get(token);
    if (known?.exp !== undefined && known.exp > Date.now() / 1000 - clockTolerance) return known;
    verified.delete(token);
    const payload = await verify(token);
    if (verified.size >= mostRemembered) verified.clear();
    verified.set(token, payload);
    return payload;
  };
}

/** The key set cannot be reached, so nothing is known to be wrong with the token; a client that was told otherwise would sign out. */
const isKeySetAway = (error: unknown): boolean =>
  !(error instanceof joseErrors.JOSEError) || error instanceof joseErrors.JWKSTimeout || error.code === joseErrors.JOSEError.code;

/** Says which part of the token is wrong and what would be right, but never reveals anything that signs tokens. */
function explainToken(error: unknown, { jwksUrl, issuer, audience }: Jwt): string {
  const by = jwksUrl === null ? 'SAFELIGHT_JWT_SECRET' : 'a key of SAFELIGHT_JWKS_URL';
  if (error instanceof joseErrors.JWTClaimValidationFailed) {
    const wanted: Readonly<Record<string, string>> = {
      iss: `wanted is ${issuer} (SAFELIGHT_JWT_ISSUER)`,
      aud: `wanted is ${audience} (SAFELIGHT_JWT_AUDIENCE)`,
      nbf: 'it is not valid yet; compare the clocks',
    };
    if (error.reason === 'missing') return `its claim ${error.claim} is missing${['iss', 'aud'].includes(error.claim) ? `; ${wanted[error.claim]}` : ''}.`;
    return `its claim ${error.claim} is ${JSON.stringify(error.payload[error.claim])}; ${wanted[error.claim] ?? 'that is not what it may be'}.`;
  }
  if (error instanceof joseErrors.JWSSignatureVerificationFailed) return `it was not signed with ${by}.`;
  if (error instanceof joseErrors.JWKSNoMatchingKey) return 'its header names a key (kid) that SAFELIGHT_JWKS_URL does not have.';
  if (error instanceof joseErrors.JOSEAlgNotAllowed) return `its algorithm (alg) is not one that is verified with ${by}.`;
  return 'it is no JWT, which has three parts with dots between them.';
}

function unauthenticated(detail: string, cause?: unknown): SafelightError {
  return new SafelightError('unauthenticated', detail, { cause, headers: { 'www-authenticate': 'Bearer realm="safelight"' } });
}

function actorOfToken(payload: JWTPayload): Actor {
  // The library's type says string, but it only checks that the claim is present.
  if (typeof payload.sub !== 'string' || payload.sub === '') throw unauthenticated('The token has no subject. Use one whose claim sub names a person.');
  const { scope, entities } = payload;
  const granted = typeof scope === 'string' ? scope.split(' ') : Array.isArray(scope) ? scope.filter((name) => typeof name === 'string') : [];
  const patterns = entities === null ? undefined : entities;
  // A restriction that cannot be read must not count as no restriction.
  if (patterns !== undefined && !isListOfText(patterns)) throw unauthenticated('The claim entities of the token is not a list of patterns.');
  patterns?.forEach((pattern) => requireStorable(pattern, 'entities', longestPattern));
  const claim = payload['generation'] ?? undefined;
  const allowance = claim === undefined ? undefined : readInput(allowanceClaim, claim);
  if (allowance !== undefined && allowance.problems !== null)
    throw unauthenticated('The claim generation of the token is not {imagesPerDay?, videoSecondsPerDay?, active?} with whole numbers or null.');
  return {
    id: requireStorable(payload.sub, 'sub', longestId),
    scopes: expandScopes(granted),
    via: 'token',
    ...(patterns === undefined ? {} : { entities: patterns }),
    ...(allowance === undefined ? {} : { generation: allowance.data }),
  };
}

/** The longest subject that OpenID Connect allows. It becomes part of keys and indexes, whose length is limited. */
const longestId = 255;
const longestPattern = 265;

/** Refuses an identity that cannot be stored: a valid signature does not make it storable. */
function requireStorable(text: string, field: string, longest: number): string {
  const wrong = text.length > longest ? `at most ${longest} characters are taken` : isStorable(text) ? null : 'holds a character that cannot be stored';
  if (wrong !== null) throw invalidRequest([{ field, message: wrong }]);
  return text;
}

const allowed = z.int().min(0).nullable().exactOptional();
/** An allowance that cannot be read must not count as no allowance. */
const allowanceClaim = z.object({ imagesPerDay: allowed, videoSecondsPerDay: allowed, active: allowed });

const isListOfText = (value: unknown): value is string[] => Array.isArray(value) && value.every((item) => typeof item === 'string');

/** Keys are stored as digests only. A key acts for itself, or for the owner that the back end names. */
async function actorOfKey(db: Db, token: string, actFor: string | string[] | undefined): Promise<Actor> {
  const row = await db
    .selectFrom('api_key')
    .select(['id', 'name', 'scope', 'entities'])
    .where('secret_hash', '=', hashKey(token))
    .where('revoked_at', 'is', null)
    .executeTakeFirst();
  if (row === undefined) throw unauthenticated('The API key is not known, or was revoked.');
  const owner = Array.isArray(actFor) ? actFor[0] : actFor;
  return {
    id: owner === undefined || owner === '' ? `key:${row.name}` : requireStorable(owner, 'Safelight-Act-For', longestId),
    scopes: expandScopes(row.scope),
    via: 'key',
    keyId: row.id,
    ...(row.entities === null ? {} : { entities: row.entities }),
  };
}

/** Refuses an actor without this scope, and names the missing scope. */
export function requireScope(actor: Actor, scope: Parameters<Actor['scopes']['has']>[0]): void {
  if (actor.scopes.has(scope)) return;
  if (actor === anonymous) throw unauthenticated('Sign in first: send the header Authorization: Bearer <token>.');
  throw new SafelightError('forbidden', `This needs the scope ${scope}; your token has ${[...actor.scopes].join(', ') || 'none'}.`);
}
