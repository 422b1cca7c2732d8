import type { Signing } from '../lib/signing.ts';

const purpose = 'grant-access';

/** A buyer's proof: `{generation}.{keyId}.{43 characters}`. It is derived, so that somebody who can read the database cannot download. */
export const accessTokenOf = (signing: Signing, grant: { id: string; generation: number }): string =>
  `${grant.generation}.${signing.derive(purpose, [grant.id, String(grant.generation)])}`;

/** Whether a token belongs to this grant and its current generation. */
export function isAccessToken(signing: Signing, grant: { id: string; generation: number }, token: string): boolean {
  const dot = token.indexOf('.');
  const isNow = token.slice(0, dot) === String(grant.generation);
  return signing.isDerived(purpose, [grant.id, String(grant.generation)], token.slice(dot + 1)) && isNow;
}
