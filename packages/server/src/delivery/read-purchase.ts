import type { Grant } from '@safelight/contract/grants';

import { readGrantFiles, type GrantContext } from '../grants/grant-rows.ts';
import { renderGrant } from '../grants/render-grant.ts';
import { notFound, SafelightError } from '../lib/errors.ts';
import { isBuyer, isOver, whyOver, type Proof } from './find-granted.ts';
import type { DeliveryContext } from './find-delivery.ts';

/** A whole purchase, for its buyer. */
export async function readPurchase(ctx: DeliveryContext & GrantContext, input: Proof & { transaction: string }): Promise<Grant> {
  const row = await ctx.site.db.selectFrom('grant_').selectAll().where('transaction', '=', input.transaction).executeTakeFirst();
  const grant = row === undefined ? undefined : { grant_id: row.id, generation: row.generation, buyer_id: row.buyer_id };
  if (!isBuyer(ctx, grant, input) || row === undefined) throw notFound('media');
  if (isOver(row, ctx.site.clock.now()))
    throw new SafelightError('gone', 'This purchase no longer gives access to its files. Ask the seller.', { context: { refusal: whyOver(row) } });
  return renderGrant(ctx, row, await readGrantFiles(ctx.site.db, [row.id]));
}
