import type { AddressGuard, Resolve } from '../../egress/guarded-request.ts';
import type { Context, DataSite } from '../../lib/context.ts';
import type { Sealing } from '../../lib/sealing.ts';

/** What application endpoints need: which addresses they may have, and how their secrets are stored. */
export type WebhookSite = DataSite & { webhooks: { guard: AddressGuard; sealing: Sealing; resolve?: Resolve } };
export type WebhookContext = Context<WebhookSite>;
