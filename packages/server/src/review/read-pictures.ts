import { buffer } from 'node:stream/consumers';

import type { StoreSite } from '../storage/stores.ts';
import { kindRules } from '../assets/kind-rules.ts';
import type { MediaRow } from '../assets/media-row.ts';
import type { Context } from '../lib/context.ts';
import { SafelightError } from '../lib/errors.ts';
import { locatorOf } from '../storage/ledger.ts';

const mostBytes = 15 * 2 ** 20;

export type Picture = { bytes: Buffer; mimeType: string; token: string | null };

/** The artifacts for a reviewer, the most informative one first. */
export async function readPictures(ctx: Pick<Context, 'signal'> & { site: Pick<StoreSite, 'db' | 'stores'> }, row: MediaRow): Promise<[Picture, ...Picture[]]> {
  const { roles, most }: { roles: readonly string[]; most: number } = kindRules[row.kind].shownToReviewers;
  const artifacts = await ctx.site.db
    .selectFrom('object')
    .select(['provider', 'location', 'key', 'role', 'bytes', 'mime_type', 'token'])
    .where('asset_id', '=', row.id)
    .where('state', '=', 'stored')
    .execute();
  const fits = artifacts
    .filter(({ role, bytes }) => roles.includes(role) && (bytes ?? 0) <= mostBytes)
    .toSorted((a, b) => roles.indexOf(a.role) - roles.indexOf(b.role));
  const [first, ...others] = fits.slice(0, most);
  if (first === undefined) throw new SafelightError('unavailable', 'It could not be reviewed: there is no picture of it to look at.', { retryable: true });
  const read = async (chosen: (typeof fits)[number]): Promise<Picture> => {
    const stored = await ctx.site.stores.of(locatorOf(chosen)).get(chosen.key, { signal: ctx.signal });
    if (stored === null)
      throw new SafelightError('storage_unavailable', 'It could not be reviewed: its picture is not in storage at the moment.', { retryable: true });
    return { bytes: await buffer(stored.body), mimeType: chosen.mime_type ?? 'image/webp', token: chosen.token };
  };
  const pictures: [Picture, ...Picture[]] = [await read(first)];
  for (const other of others) pictures.push(await read(other));
  return pictures;
}
