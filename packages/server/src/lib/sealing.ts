import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';

import type { SigningKey, SigningKeys } from './signing.ts';

/**
 * Encrypts short secrets in the database, so that a copy of it reveals none. The first signing key seals and every key opens; during a rotation,
 * secrets sealed with an old key are sealed again before that key is retired.
 */
export type Sealing = {
  /** `about` names what the secret belongs to; it can be opened only for that. */
  seal(text: string, about: string): string;
  /** Null when it was sealed with a key that is no longer configured, or for something else. */
  open(sealed: string, about: string): string | null;
  /** Whether it was sealed with the current key. */
  isCurrent(sealed: string): boolean;
};

export function createSealing(keys: SigningKeys): Sealing {
  const [first] = keys;
  const keyFrom = ({ secret }: SigningKey): Buffer => Buffer.from(hkdfSync('sha256', secret, '', 'safelight sealed secrets', 32));
  return {
    seal(text, about) {
      const nonce = randomBytes(12);
      const cipher = createCipheriv('aes-256-gcm', keyFrom(first), nonce).setAAD(Buffer.from(about));
      const bytes = Buffer.concat([nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]);
      return `${first.id}.${bytes.toString('base64url')}`;
    },
    open(sealed, about) {
      const [id, text = ''] = sealed.split('.');
      const key = keys.find((candidate) => candidate.id === id);
      const bytes = Buffer.from(text, 'base64url');
      if (key === undefined || bytes.length < 28) return null;
      const decipher = createDecipheriv('aes-256-gcm', keyFrom(key), bytes.subarray(0, 12)).setAAD(Buffer.from(about)).setAuthTag(bytes.subarray(-16));
      try {
        return Buffer.concat([decipher.update(bytes.subarray(12, -16)), decipher.final()]).toString();
      } catch {
        return null;
      }
    },
    isCurrent: (sealed) => sealed.startsWith(`${first.id}.`),
  };
}
