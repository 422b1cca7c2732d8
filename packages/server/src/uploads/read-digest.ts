import { createHash } from 'node:crypto';
import { crc32 as crc32Of } from 'node:zlib';

import { SafelightError } from '../lib/errors.ts';
import { locatorOf } from '../storage/ledger.ts';
import type { SessionObject } from './session-rows.ts';
import type { UploadContext } from './upload-context.ts';

/** `crc32` is null for an object that was digested before checksums were recorded. */
export type Digest = { sha256: string; crc32: number | null; bytes: number };

/** Reads an object once and computes its digests. */
export async function readDigest(ctx: UploadContext, object: SessionObject): Promise<Digest> {
  const stored = await ctx.site.stores.of(locatorOf(object)).get(object.key, { signal: ctx.signal });
  if (stored === null) throw new SafelightError('upload_incomplete', 'The uploaded object is not in storage any more.', { retryable: false });
  const hash = createHash('sha256');
  let bytes = 0;
  let crc32 = 0;
  for await (const chunk of stored.body as AsyncIterable<Buffer>) {
    hash.update(chunk);
    crc32 = crc32Of(chunk, crc32);
    bytes += chunk.length;
  }
  return { sha256: hash.digest('hex'), crc32, bytes };
}
