import { createHmac, createSecretKey, timingSafeEqual, type KeyObject } from 'node:crypto';

export type SigningKey = { id: string; secret: string };
/** The first one signs and seals. */
export type SigningKeys = readonly [SigningKey, ...SigningKey[]];

/**
 * Signatures of URLs that open something for a limited time. The first key signs and every key verifies, so a key is rotated by putting a new one
 * first and retiring the old one when its URLs have expired.
 */
export type Signing = {
  /** Signs a purpose and its bindings until a moment; the result goes into the URL as it is. */
  sign(purpose: string, bindings: readonly string[], expiresAt: Date): string;
  /** The moment until which the signature is valid; null when it is foreign, altered, for another binding, or expired. */
  verify(purpose: string, bindings: readonly string[], signature: string, now: Date): Date | null;
  /** The moment at which our signature expires or has expired; null when it is foreign, altered, or for another binding. */
  endOf(purpose: string, bindings: readonly string[], signature: string): Date | null;
  /** A proof that is valid until it is revoked. It is derived, so no secret has to be stored. `{keyId}.{43 characters}`. */
  derive(purpose: string, bindings: readonly string[]): string;
  /** Whether a proof is ours, by any key that is not retired. */
  isDerived(purpose: string, bindings: readonly string[], proof: string): boolean;
};

type ReadyKey = { id: string; secret: KeyObject };
const ready = ({ id, secret }: SigningKey): ReadyKey => ({ id, secret: createSecretKey(secret, 'utf8') });

export function createSigning(keys: SigningKeys): Signing {
  // Made ready once: a list of unpublished media signs every address in it.
  const [newest, ...older] = keys;
  const first = ready(newest);
  const accepted = [first, ...older.map(ready)];
  // JSON keeps the parts apart: one binding can never be read as two.
  const macOf = ({ secret }: ReadyKey, parts: readonly (string | number)[]): string =>
    createHmac('sha256', secret).update(JSON.stringify(parts)).digest('base64url');
  const digest = (key: ReadyKey, purpose: string, bindings: readonly string[], expires: number): string => macOf(key, [purpose, expires, ...bindings]);
  const proofOf = (key: ReadyKey, purpose: string, bindings: readonly string[]): string => macOf(key, [purpose, ...bindings]);
  const endOf = (purpose: string, bindings: readonly string[], signature: string): Date | null => {
    const [id, expiresText, mac, ...more] = signature.split('.');
    const key = accepted.find((candidate) => candidate.id === id);
    if (key === undefined || expiresText === undefined || mac === undefined || more.length > 0) return null;
    const expires = Number.parseInt(expiresText, 36);
    if (!Number.isSafeInteger(expires) || expires.toString(36) !== expiresText) return null;
    return isSame(mac, digest(key, purpose, bindings, expires)) ? new Date(expires * 1000) : null;
  };
  return {
    derive: (purpose, bindings) => `${first.id}.${proofOf(first, purpose, bindings)}`,
    isDerived(purpose, bindings, proof) {
      const [id, mac = '', ...more] = proof.split('.');
      // An unknown key takes as long as a known one.
      const key = accepted.find((candidate) => candidate.id === id);
      return isSame(mac, proofOf(key ?? first, purpose, bindings)) && key !== undefined && more.length === 0;
    },
    sign(purpose, bindings, expiresAt) {
      const expires = Math.floor(expiresAt.getTime() / 1000);
      return `${first.id}.${expires.toString(36)}.${digest(first, purpose, bindings, expires)}`;
    },
    verify(purpose, bindings, signature, now) {
      const until = endOf(purpose, bindings, signature);
      return until !== null && until > now ? until : null;
    },
    endOf,
  };
}

/** Compared as text: base64 has many spellings of the same bytes, but an address has only one. */
function isSame(mac: string, wanted: string): boolean {
  const [given, expected] = [Buffer.from(mac), Buffer.from(wanted)];
  return given.length === expected.length && timingSafeEqual(given, expected);
}
