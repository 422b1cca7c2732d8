import { createHash } from 'node:crypto';

import { SafelightError } from '../lib/errors.ts';
import { locatorOf } from '../storage/ledger.ts';
import type { SessionObject } from './session-rows.ts';
import type { UploadContext } from './upload-context.ts';

/** Reads an object once, for what its bytes are. */
export async function readDigest(ctx: UploadContext, object: SessionObject): Promise<{ sha256: string; bytes: number }> {
  const stored = await ctx.stores.of(locatorOf(object)).get(object.key, { signal: ctx.signal });
  if (stored === null) throw new SafelightError('upload_incomplete', 'The uploaded object is not in storage any more.', { retryable: false });
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const chunk of stored.body as AsyncIterable<Buffer>) {
    hash.update(chunk);
    bytes += chunk.length;
  }
  return { sha256: hash.digest('hex'), bytes };
}
