import type { Media } from '@safelight/contract/media';

import { renderMedia } from '../assets/render-media.ts';
import { emit } from '../events/emit.ts';
import type { Tx } from '../lib/context.ts';
import { SafelightError } from '../lib/errors.ts';
import { transact } from '../lib/transact.ts';
import type { ClaimedPlace } from '../places/claim-place.ts';
import { arrive, type Arrived } from './arrive.ts';
import { arriveWithOthers, mayArriveWithOthers } from './arrive-with-others.ts';
import { arrivingOf, discardReceived, receivedEvents } from './receive-file.ts';
import type { ReceivedFile } from './received-file.ts';
import { registeredAnyway } from './registered-anyway.ts';
import type { UploadContext } from './upload-context.ts';

/** Called first in the registering transaction: says whose place is to be taken, and which events to emit about others there. */
export type ClaimPlace = (tx: Tx) => Promise<ClaimedPlace>;

export type Registered = { jobId: string; media: Media };
export type KeepRegistered = (tx: Tx, registered: Registered) => Promise<void>;

/**
 * Turns received bytes into a pending asset and queues its processing: one transaction, after the bytes and before the answer. A replacement claims
 * its place in it; `keep` runs in it too.
 */
export async function registerReceived(
  ctx: UploadContext,
  received: ReceivedFile,
  { claim, keep }: { claim?: ClaimPlace; keep?: KeepRegistered } = {},
): Promise<Registered> {
  const arriving = { ...arrivingOf(ctx, received), next: 'process' } as const;
  const eventsOf = ({ row, jobId }: Arrived) => receivedEvents(ctx, row, jobId);
  const answerOf = ({ row, jobId }: Arrived): Registered => ({ jobId, media: renderMedia(row, ctx.site.urls, 'own') });
  const keepArrived = keep && (async (tx: Tx, made: Arrived) => await keep(tx, answerOf(made)));
  try {
    const arrived =
      claim === undefined && mayArriveWithOthers(ctx, arriving.session)
        ? await arriveWithOthers(ctx, arriving, eventsOf, keepArrived)
        : await transact(ctx.site.db, async (tx) => {
            const claimed = await claim?.(tx);
            const made = await arrive(ctx, tx, arriving, claimed);
            if (made === null) return null;
            await keepArrived?.(tx, made);
            await emit(tx, [...(claimed?.events ?? []), ...eventsOf(made)]);
            return made;
          });
    if (arrived === null) throw new SafelightError('conflict', 'The upload was ended while its bytes were moving.');
    return answerOf(arrived);
  } catch (error) {
    await discardReceived(ctx, received);
    const made = await registeredAnyway(ctx, received, error);
    if (made === null || made.jobId === null) throw error;
    return { jobId: made.jobId, media: renderMedia(made.row, ctx.site.urls, 'own') };
  }
}
