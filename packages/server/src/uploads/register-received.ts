import type { Media } from '@safelight/contract/media';

import { renderMedia } from '../assets/render-media.ts';
import { emit } from '../events/emit.ts';
import type { Db, Tx } from '../lib/context.ts';
import { passesByItself } from '../lib/database.ts';
import { SafelightError } from '../lib/errors.ts';
import { groupCalls } from '../lib/group-calls.ts';
import { activeSpan } from '../lib/in-span.ts';
import { transact } from '../lib/transact.ts';
import type { ClaimedPlace } from '../places/claim-place.ts';
import { hasQuota } from '../policy/require-quota.ts';
import { arriveTogether, type Arrived } from './arrive.ts';
import { arrivingOf, discardReceived, receivedEvents } from './receive-file.ts';
import type { ReceivedFile } from './received-file.ts';
import type { UploadContext } from './upload-context.ts';

/** Called first in the registering transaction: says whose place is to be taken, and which events to emit about others there. */
export type ClaimPlace = (tx: Tx) => Promise<ClaimedPlace>;

/**
 * Turns received bytes into a pending asset and queues its processing: one transaction, after the bytes and before the answer. A replacement claims
 * its place in it. Files of one owner that come to one place at the same moment would wait for each other there; they share a transaction.
 */
export async function registerReceived(ctx: UploadContext, received: ReceivedFile, claim?: ClaimPlace): Promise<{ jobId: string; media: Media }> {
  const arrival: Arrival = { ctx, received, traceparent: activeSpan()?.traceparent };
  // A position that is asked for, or a quota, is decided after everything before it.
  const isPlain = claim === undefined && received.plan.sortOrder === null && !hasQuota(ctx.actor, ctx.site.ceilings);
  try {
    const { row, jobId } = isPlain ? await groupOf(ctx.site.db)(arrival) : await registerOne(arrival, claim);
    return { jobId, media: renderMedia(row, ctx.site.urls, 'own') };
  } catch (error) {
    await discardReceived(ctx, received);
    throw error;
  }
}

type Arrival = { ctx: UploadContext; received: ReceivedFile; traceparent: string | undefined };
const groups = new WeakMap<Db, (arrival: Arrival) => Promise<Arrived>>();

function groupOf(db: Db): (arrival: Arrival) => Promise<Arrived> {
  const known = groups.get(db);
  if (known !== undefined) return known;
  const made = groupCalls<Arrival, Arrived>({
    run: async (arrivals) => await transact(db, async (tx) => await register(tx, arrivals)),
    keyOf: ({ ctx, received: { plan } }) => JSON.stringify([ctx.actor.id, plan.collection.name, plan.entity?.type, plan.entity?.id]),
    mostAtOnce: 32,
    failsForAll: passesByItself,
  });
  groups.set(db, made);
  return made;
}

async function registerOne(arrival: Arrival, claim?: ClaimPlace): Promise<Arrived> {
  return await transact(arrival.ctx.site.db, async (tx) => {
    const [arrived] = await register(tx, [arrival], await claim?.(tx));
    if (arrived === undefined) throw new Error('one file was registered, and none came of it');
    return arrived;
  });
}

async function register(tx: Tx, arrivals: readonly Arrival[], claimed?: ClaimedPlace): Promise<Arrived[]> {
  const [first] = arrivals;
  if (first === undefined) return [];
  const { ctx } = first;
  const arriving = arrivals.map(({ ctx: own, received, traceparent }) => ({ ...arrivingOf(own, received), next: 'process' as const, traceparent }));
  const arrived = (await arriveTogether(ctx, tx, arriving, claimed)).map((one) => {
    if (one === null) throw new SafelightError('conflict', 'The upload was ended while its bytes were moving.');
    return one;
  });
  await emit(tx, [...(claimed?.events ?? []), ...arrived.flatMap(({ row, jobId }) => receivedEvents(ctx, row, jobId))]);
  return arrived;
}
