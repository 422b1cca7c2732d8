import { setTimeout as delay } from 'node:timers/promises';

import { pruneEvents } from '../events/prune-events.ts';
import { pruneDeliveries } from '../events/webhooks/prune-deliveries.ts';
import { keepMonthsOfDownloads } from '../grants/keep-months-of-downloads.ts';
import { tellForgotten } from '../grants/settle-downloads.ts';
import { secondsFrom } from '../lib/clock.ts';
import { sweepLedger } from '../storage/sweep-ledger.ts';
import { expireUploads } from '../uploads/expire-uploads.ts';
import { finishWholeUploads } from '../uploads/finish-whole-uploads.ts';
import type { UploadContext } from '../uploads/upload-context.ts';

const everyMs = 15_000;
const keepEventsSeconds = 7 * 86_400;
const keepDeliveriesSeconds = 30 * 86_400;
const keepIdempotencyKeysSeconds = 86_400;

/**
 * Upkeep that runs in every process, whatever its parts, so that no way of running the product leaves it out: it finishes whole uploads, ends expired
 * ones, sweeps the ledger, and prunes what is kept for a limited time. Rows are claimed, so many processes may run it at once.
 */
export function startUpkeep(ctx: UploadContext, options: { keepMonths: number | null }): { stop(): Promise<void> } {
  const stopping = new AbortController();
  const signal = AbortSignal.any([ctx.signal, stopping.signal]);
  const rounds = (async () => {
    while (!signal.aborted) {
      await round({ ...ctx, signal }, options).catch((error: unknown) => {
        if (!signal.aborted) ctx.log.warn({ err: error }, 'upkeep could not finish; it goes on in the next round');
      });
      // Jitter keeps the processes of one product from running at the same moment.
      await delay(everyMs * (0.75 + Math.random() / 2), undefined, { signal }).catch(() => undefined);
    }
  })();
  return {
    async stop() {
      stopping.abort();
      await rounds;
    },
  };
}

async function round(ctx: UploadContext, { keepMonths }: { keepMonths: number | null }): Promise<void> {
  const { finished } = await finishWholeUploads(ctx);
  const { expired } = await expireUploads(ctx);
  const { abandoned, removed, failed } = await sweepLedger(ctx);
  if (finished + expired + abandoned + removed + failed > 0) ctx.log.info({ finished, expired, abandoned, removed, failed }, 'upkeep');
  const now = ctx.site.clock.now();
  await pruneEvents(ctx.site.db, { before: secondsFrom(now, -keepEventsSeconds), signal: ctx.signal });
  await tellForgotten(ctx.site.db);
  await keepMonthsOfDownloads(ctx.site.db, keepMonths);
  await pruneDeliveries(ctx.site.db, { before: secondsFrom(now, -keepDeliveriesSeconds), signal: ctx.signal });
  await ctx.site.db.deleteFrom('idempotency_key').where('created_at', '<', secondsFrom(now, -keepIdempotencyKeysSeconds)).execute();
}
