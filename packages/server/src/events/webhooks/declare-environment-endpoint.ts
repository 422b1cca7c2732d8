import { readHeads } from '../event-rows.ts';
import { transact } from '../../lib/transact.ts';
import type { WebhookContext } from './webhook-context.ts';

/** The same on every server of the product. */
const id = '00000000-0000-7000-8000-000000000001';

export type EnvironmentEndpoint = { url: string; secret: string; events: string[] };

/** Creates or updates the endpoint that the environment names, and disables it when none is named any more. Each start enables it again. */
export async function declareEnvironmentEndpoint(ctx: WebhookContext, wanted: EnvironmentEndpoint | null): Promise<void> {
  if (wanted === null) {
    await ctx.site.db
      .updateTable('webhook_endpoint')
      .set({ state: 'disabled', disabled_reason: 'The environment names it no longer.' })
      .where('id', '=', id)
      .where('state', '=', 'enabled')
      .execute();
    return;
  }
  const { sealing } = ctx.site.webhooks;
  const { url, events } = wanted;
  await transact(ctx.site.db, async (tx) => {
    const values = { url, events, secret: sealing.seal(wanted.secret, id), state: 'enabled' as const, disabled_reason: null };
    await tx
      .insertInto('webhook_endpoint')
      .values({
        id,
        ...values,
        description: 'Set by SAFELIGHT_WEBHOOK_URL.',
        from_environment: true,
        cursor: JSON.stringify(await readHeads(tx)),
        created_at: ctx.site.clock.now(),
      })
      .onConflict((conflict) => conflict.column('id').doUpdateSet(values))
      .execute();
  });
}
