import { Readable } from 'node:stream';
import { inflateSync } from 'node:zlib';

import type { StoreSite } from '../storage/stores.ts';
import type { Context } from '../lib/context.ts';
import { SafelightError } from '../lib/errors.ts';
import { owned } from '../lib/owned.ts';
import type { Delivery } from './find-delivery.ts';
import type { ByteRange } from './range.ts';

/** The bytes of a delivery, or a range of them: those of the object, then those appended for one buyer. */
export async function openBytes(ctx: Context<StoreSite>, delivery: Delivery, range?: ByteRange): Promise<Readable> {
  const { tail, bytes } = delivery;
  if (tail === undefined) return await openObject(ctx, delivery, range);
  const { start, end } = range ?? { start: 0, end: bytes - 1 };
  const whole = bytes - tail.bytes;
  const head = start < whole ? await openObject(ctx, delivery, { start, end: Math.min(end, whole - 1) }) : null;
  if (end < whole && head !== null) return head;
  const behind = (await readTail(ctx, tail)).subarray(Math.max(0, start - whole), end - whole + 1);
  async function* both(): AsyncGenerator<Buffer> {
    if (head !== null) yield* head as AsyncIterable<Buffer>;
    yield behind;
  }
  return owned(Readable.from(both(), { objectMode: false }));
}

async function openObject(ctx: Context<StoreSite>, delivery: Delivery, range?: ByteRange): Promise<Readable> {
  const stored = await ctx.site.stores.of(delivery.locator).get(delivery.locator.key, { signal: ctx.signal, ...(range === undefined ? {} : { range }) });
  if (stored === null) throw lost(delivery);
  return stored.body;
}

async function readTail({ site: { db } }: Context, { grantId, objectId }: NonNullable<Delivery['tail']>): Promise<Buffer> {
  const row = await db.selectFrom('grant_stamp').select('tail').where('grant_id', '=', grantId).where('object_id', '=', objectId).executeTakeFirst();
  if (row?.tail === undefined || row.tail === null) throw new SafelightError('storage_unavailable', 'The file is not ready yet. Try again in a while.');
  return inflateSync(row.tail);
}

export const lost = (delivery: Delivery): SafelightError =>
  new SafelightError('storage_unavailable', 'The file is missing from storage. Ask the operator, who can examine it with "safelight media inspect".', {
    context: { ...delivery.locator },
    retryable: false,
  });
