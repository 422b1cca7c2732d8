import type { Signing } from '../lib/signing.ts';

const purpose = 'grant-access';

/** What proves a buyer: `{generation}.{keyId}.{43 characters}`, derived, so that a reader of the database cannot download. */
export const accessTokenOf = (signing: Signing, grant: { id: string; generation: number }): string =>
  `${grant.generation}.${signing.derive(purpose, [grant.id, String(grant.generation)])}`;

/** Whether a token is of this grant and of its present generation. */
export function isAccessToken(signing: Signing, grant: { id: string; generation: number }, token: string): boolean {
  const dot = token.indexOf('.');
  const isNow = token.slice(0, dot) === String(grant.generation);
  return signing.isDerived(purpose, [grant.id, String(grant.generation)], token.slice(dot + 1)) && isNow;
}
