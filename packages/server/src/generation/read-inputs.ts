import { buffer } from 'node:stream/consumers';

import { SafelightError } from '../lib/errors.ts';
import { locatorOf } from '../storage/ledger.ts';
import type { GenerationContext, GenerationSite } from './generation-context.ts';
import type { InputPicture } from './generator.ts';

const mostBytes = 20 * 2 ** 20;

/** The input pictures of a request: of each, the largest output, which was encoded anew and holds no metadata; never the source. */
export async function readInputs(
  ctx: Pick<GenerationContext, 'signal'> & { site: Pick<GenerationSite, 'db' | 'stores'> },
  inputs: readonly { mediaId: string; role: string }[],
): Promise<InputPicture[]> {
  const pictures: InputPicture[] = [];
  for (const { mediaId, role } of inputs) {
    const made = await ctx.site.db
      .selectFrom('object')
      .innerJoin('asset', 'asset.id', 'object.asset_id')
      .select(['object.provider', 'object.location', 'object.key', 'object.mime_type'])
      .where('asset.id', '=', mediaId)
      .where('asset.deleted_at', 'is', null)
      .where('object.state', '=', 'stored')
      .where('object.role', '<>', 'source')
      .where('object.bytes', '<=', mostBytes)
      .orderBy('object.width', 'desc')
      .executeTakeFirst();
    const stored = made === undefined ? null : await ctx.site.stores.of(locatorOf(made)).get(made.key, { signal: ctx.signal });
    if (stored === null) throw new SafelightError('gone', `The input ${mediaId} is not there any more.`, { retryable: false });
    pictures.push({ role, bytes: await buffer(stored.body), mimeType: made?.mime_type ?? 'image/webp' });
  }
  return pictures;
}
