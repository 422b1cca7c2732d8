import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';

import { owned } from '../lib/owned.ts';
import { SafelightError } from '../lib/errors.ts';
import type { ClaimedDigest } from './claimed-digests.ts';

/** A body that is checked against its sender's digests, and its SHA-256 once all bytes have passed. */
export type VerifiedBody = { stream: Readable; sha256(): string };

/** Passes the bytes on and fails after the last one if they do not match the sender's digests, so that nothing of them is kept. */
export function verifiedBody(body: Readable, claims: readonly ClaimedDigest[]): VerifiedBody {
  const own = createHash('sha256');
  async function* bytes(): AsyncGenerator<Buffer> {
    for await (const chunk of body.iterator({ destroyOnReturn: false })) {
      const piece = chunk as Buffer;
      own.update(piece);
      for (const { running } of claims) running.update(piece);
      yield piece;
    }
    for (const { header, expected, running } of claims) {
      if (!running.digest().equals(expected))
        throw new SafelightError(
          'checksum_mismatch',
          `The bytes that came do not have the digest in ${header}. Nothing of them is kept; send the file again.`,
          {
            context: { claim: true },
          },
        );
    }
  }
  return { stream: owned(Readable.from(bytes(), { objectMode: false })), sha256: () => own.copy().digest('hex') };
}
