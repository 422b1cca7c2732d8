import { randomBytes } from 'node:crypto';

import type { Selectable } from '#kysely';

import type { Tx } from '../../lib/context.ts';
import type { WebhookEndpointTable } from '../../lib/schema-webhooks.ts';
import type { WebhookContext } from './webhook-context.ts';

export const newSecret = (): string => `whsec_${randomBytes(32).toString('base64')}`;

/** The secrets that currently sign its messages: during a rotation the new one and the old one. None when the key that sealed them was retired. */
export async function unsealSecrets(ctx: WebhookContext, tx: Tx, row: Selectable<WebhookEndpointTable>): Promise<string[]> {
  const { sealing } = ctx.site.webhooks;
  const secret = sealing.open(row.secret, row.id);
  const stillSigns = row.previous_until !== null && row.previous_until > ctx.site.clock.now();
  const previous = stillSigns && row.previous_secret !== null ? sealing.open(row.previous_secret, row.id) : null;
  if (secret !== null && !sealing.isCurrent(row.secret)) {
    // A new signing key comes first: the old one can be retired once nothing is sealed with it.
    await tx
      .updateTable('webhook_endpoint')
      .set({ secret: sealing.seal(secret, row.id), previous_secret: previous === null ? null : sealing.seal(previous, row.id) })
      .where('id', '=', row.id)
      .execute();
  }
  return [secret, previous].filter((text) => text !== null);
}
