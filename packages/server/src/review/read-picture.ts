import { buffer } from 'node:stream/consumers';

import type { MediaRow } from '../assets/media-row.ts';
import type { Context } from '../lib/context.ts';
import { SafelightError } from '../lib/errors.ts';
import { locatorOf } from '../storage/ledger.ts';
import type { Stores } from '../storage/stores.ts';

/** Large enough to judge, small enough to send; never the source, which may hold where it was taken. */
const roles = ['preview', 'detail', 'canonical', 'card', 'detail_large', 'thumbnail'];
const mostBytes = 15 * 2 ** 20;

export type Picture = { bytes: Buffer; mimeType: string; token: string | null };

/** The artifact that a reviewer looks at. */
export async function readPicture(ctx: Pick<Context, 'db' | 'signal'> & { stores: Stores }, row: MediaRow): Promise<Picture> {
  const artifacts = await ctx.db
    .selectFrom('object')
    .select(['provider', 'location', 'key', 'role', 'bytes', 'mime_type', 'token'])
    .where('asset_id', '=', row.id)
    .where('state', '=', 'stored')
    .execute();
  const fits = artifacts
    .filter(({ role, bytes }) => roles.includes(role) && (bytes ?? 0) <= mostBytes)
    .toSorted((a, b) => roles.indexOf(a.role) - roles.indexOf(b.role));
  const [chosen] = fits;
  if (chosen === undefined)
    throw new SafelightError('unavailable', 'The photo could not be reviewed: there is no picture of it to look at.', { retryable: true });
  const stored = await ctx.stores.of(locatorOf(chosen)).get(chosen.key, { signal: ctx.signal });
  if (stored === null)
    throw new SafelightError('storage_unavailable', 'The photo could not be reviewed: its picture is not in storage at the moment.', { retryable: true });
  return { bytes: await buffer(stored.body), mimeType: chosen.mime_type ?? 'image/webp', token: chosen.token };
}
