import { SignJWT } from 'jose/jwt/sign';

import type { Config } from '../config.ts';

export type TokenClaims = { sub: string; scope: string; entities?: readonly string[]; expires: string };

/**
 * Makes a bearer token that a server of this configuration accepts. Only possible when the configuration has the secret: an identity provider keeps
 * its own keys.
 */
export async function mintToken(jwt: Config['jwt'] & { secret: string }, claims: TokenClaims): Promise<string> {
  const { sub, scope, entities, expires } = claims;
  const token = new SignJWT({ scope, ...(entities === undefined ? {} : { entities }) })
    .setProtectedHeader({ alg: 'HS256' })
    .setSubject(sub)
    .setIssuedAt()
    .setExpirationTime(expires);
  if (jwt.issuer !== null) token.setIssuer(jwt.issuer);
  if (jwt.audience !== null) token.setAudience(jwt.audience);
  return await token.sign(new TextEncoder().encode(jwt.secret));
}
