import { setTimeout as delay } from 'node:timers/promises';

import type { Hearing } from '../../lib/listen-for-notifications.ts';
import { patienceMs } from '../../lib/patience.ts';
import { attemptDelivery, type AttemptLimits } from './attempt-delivery.ts';
import { claimDeliveries, type Claimed } from './claim-deliveries.ts';
import { declareEnvironmentEndpoint, type EnvironmentEndpoint } from './declare-environment-endpoint.ts';
import { fanOut } from './fan-out.ts';
import { handBack, settleDelivery, type Settlement } from './settle-delivery.ts';
import type { WebhookContext } from './webhook-context.ts';

export type WebhookOptions = Partial<AttemptLimits> & {
  hearing: Hearing;
  pollMs?: number;
};

/** Concurrent deliveries to one endpoint from this process; few to a failing one, so that its timeouts block little. */
const mostAtOnce = { working: 16, failing: 2 };
const graceMs = 3_000;
/** Used when there is no notification. */
const usualPollMs = 1_000;

export type Webhooks = {
  /** The results of this process's attempts since its start. */
  settled(): Readonly<Record<Settlement, number>>;
  stop(): Promise<void>;
};

type Lane = { running: number; pumping: boolean; again: boolean; most: number };

/** Runs all parts in a worker process, with the endpoint from the environment, if there is one. */
export async function openWebhooks(ctx: WebhookContext, options: WebhookOptions & { endpoint: EnvironmentEndpoint | null }): Promise<Webhooks> {
  await declareEnvironmentEndpoint(ctx, options.endpoint);
  return startWebhooks(ctx, options);
}

/**
 * Follows the outbox and delivers what is due, beside any number of processes that do the same. Each endpoint has its own lane: a slow or failing one
 * never delays another. `stop` waits a moment for answers, and hands back deliveries without one.
 */
export function startWebhooks(ctx: WebhookContext, options: WebhookOptions): Webhooks {
  const limits: AttemptLimits = { ...options, timeoutMs: options.timeoutMs ?? patienceMs.webhookAnswer };
  const stopping = new AbortController();
  const aborting = new AbortController();
  const sending: WebhookContext = { ...ctx, signal: AbortSignal.any([aborting.signal, ctx.signal]) };
  const underWay = new Set<Promise<void>>();
  const counts = { delivered: 0, failed: 0, disabled: 0 };
  const track = (work: Promise<void>): void => {
    const tracked = work.catch((cause: unknown) => {
      if (!stopping.signal.aborted) ctx.log.warn({ err: cause }, 'webhooks could not go on; they are tried again in a moment');
    });
    underWay.add(tracked);
    void tracked.finally(() => underWay.delete(tracked));
  };

  async function deliver(claimed: Claimed): Promise<void> {
    try {
      counts[await settleDelivery(ctx, claimed, await attemptDelivery(sending, claimed, limits))] += 1;
    } catch (cause) {
      await handBack(ctx, claimed);
      if (!sending.signal.aborted) throw cause;
    }
  }

  const pumpAll = laneFiller(ctx, { deliver, track, stopping: stopping.signal });
  async function round(): Promise<void> {
    while (!stopping.signal.aborted && (await fanOut(ctx)) > 0) await pumpAll();
    if (!stopping.signal.aborted) await pumpAll();
  }

  const wake = coalesced(round, track);
  const timer = setInterval(wake, options.pollMs ?? usualPollMs);
  const deafen = options.hearing.hear('events', { onNotifications: wake, onConnected: wake });
  wake();
  return {
    settled: () => counts,
    async stop() {
      clearInterval(timer);
      deafen();
      stopping.abort();
      const waited = new AbortController();
      await Promise.race([ended(underWay), delay(graceMs, undefined, { signal: waited.signal }).catch(() => undefined)]);
      waited.abort();
      aborting.abort(new Error('The server is stopping.'));
      await ended(underWay);
    },
  };
}

type Pumping = { deliver(claimed: Claimed): Promise<void>; track(work: Promise<void>): void; stopping: AbortSignal };

/** Returns a function that fills the lanes of all endpoints with due deliveries. */
function laneFiller(ctx: WebhookContext, { deliver, track, stopping }: Pumping): () => Promise<void> {
  const lanes = new Map<string, Lane>();

  /** Fills the lane; with `eager` even when only a few places are free. */
  async function pump(id: string, lane: Lane, eager: boolean): Promise<void> {
    if (lane.pumping) return void (lane.again ||= eager);
    lane.pumping = true;
    try {
      do {
        lane.again = false;
        const free = lane.most - lane.running;
        if (stopping.aborted || free <= 0 || (!eager && free < lane.most / 2)) break;
        for (const claimed of await claimDeliveries(ctx, { endpointId: id, limit: free })) {
          lane.running += 1;
          track(
            deliver(claimed).finally(() => {
              lane.running -= 1;
              track(pump(id, lane, false));
            }),
          );
        }
      } while (lane.again);
    } finally {
      lane.pumping = false;
    }
  }

  return async () => {
    for (const { id, failing_since } of await endpointsWithDue(ctx)) {
      const lane = lanes.get(id) ?? { running: 0, pumping: false, again: false, most: 0 };
      lanes.set(id, lane);
      lane.most = failing_since === null ? mostAtOnce.working : mostAtOnce.failing;
      track(pump(id, lane, true));
    }
  };
}

async function ended(underWay: ReadonlySet<Promise<void>>): Promise<void> {
  while (underWay.size > 0) await Promise.all(underWay);
}

/** Runs one at a time; a call during a run asks for one more. */
function coalesced(work: () => Promise<void>, track: (work: Promise<void>) => void): () => void {
  let running = false;
  let again = false;
  const run = async (): Promise<void> => {
    running = true;
    try {
      do {
        again = false;
        await work();
      } while (again);
    } finally {
      running = false;
    }
  };
  return () => {
    if (running) again = true;
    else track(run());
  };
}

async function endpointsWithDue(ctx: WebhookContext): Promise<{ id: string; failing_since: Date | null }[]> {
  const now = ctx.site.clock.now();
  return await ctx.site.db
    .selectFrom('webhook_endpoint as e')
    .select(['e.id', 'e.failing_since'])
    .where('e.state', '=', 'enabled')
    .where(({ exists, selectFrom }) =>
      exists(
        selectFrom('webhook_delivery as d')
          .select('d.id')
          .whereRef('d.endpoint_id', '=', 'e.id')
          .where('d.state', '=', 'pending')
          .where('d.next_at', '<=', now)
          .where((or) => or.or([or('d.claimed_until', 'is', null), or('d.claimed_until', '<=', now)])),
      ),
    )
    .execute();
}
