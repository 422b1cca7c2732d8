import type { Media } from '@safelight/contract/media';

import type { MediaRow } from '../assets/media-row.ts';
import { renderMedia } from '../assets/render-media.ts';
import { emit } from '../events/emit.ts';
import type { Tx } from '../lib/context.ts';
import { SafelightError } from '../lib/errors.ts';
import { transact } from '../lib/transact.ts';
import type { ClaimedPlace } from '../places/claim-place.ts';
import { arrive, type Arrived } from './arrive.ts';
import { arriveWithOthers, mayArriveWithOthers } from './arrive-with-others.ts';
import { discardReceived, discardUnregistered } from './discard-received.ts';
import { nameStored, nameStoredMeanwhile } from './name-stored.ts';
import { arrivingOf, receivedEvents } from './receive-file.ts';
import type { ReceivedFile } from './received-file.ts';
import { registeredAnyway } from './registered-anyway.ts';
import type { UploadContext } from './upload-context.ts';

/** Called first in the registering transaction: says whose place is to be taken, and which events to emit about others there. */
export type ClaimPlace = (tx: Tx) => Promise<ClaimedPlace>;

export type Registered = { jobId: string; media: Media };
export type KeepRegistered = (tx: Tx, registered: Registered) => Promise<void>;

/** `answersFirst`: the answer does not wait until bytes without a name have it. */
type How = { claim?: ClaimPlace; keep?: KeepRegistered; answersFirst?: boolean };

/**
 * Turns received bytes into a pending asset and queues its processing: one transaction, after the bytes and before the answer. A replacement claims
 * its place in it; `keep` runs in it too. Bytes without a name get it once the transaction has committed. If it refuses bytes that came under
 * remembered rules, they come again under those of now, so that outdated rules never decide.
 */
export async function registerReceived(ctx: UploadContext, received: ReceivedFile, how: How = {}): Promise<Registered> {
  try {
    return await register(ctx, received, how);
  } catch (error) {
    if (received.again === undefined || !(error instanceof SafelightError)) throw error;
    return await register(ctx, await received.again(), how);
  }
}

async function register(ctx: UploadContext, received: ReceivedFile, { claim, keep, answersFirst = false }: How): Promise<Registered> {
  const arriving = { ...arrivingOf(ctx, received), next: 'process' } as const;
  const eventsOf = ({ row, jobId }: Arrived) => receivedEvents(ctx, row, jobId);
  const answerOf = ({ row, jobId }: { row: MediaRow; jobId: string }): Registered => ({ jobId, media: renderMedia(row, ctx.site.urls, 'own') });
  const keepArrived = keep && (async (tx: Tx, made: Arrived) => await keep(tx, answerOf(made)));
  try {
    requireLease(ctx, received);
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
    if (arrived === null) throw ended();
    await (answersFirst ? nameStoredMeanwhile : nameStored)(ctx, received);
    return answerOf(arrived);
  } catch (error) {
    // A refusal has rolled back; after anything else the transaction may have committed.
    await (error instanceof SafelightError ? discardReceived : discardUnregistered)(ctx, received);
    const made = await registeredAnyway(ctx, received, error);
    if (made === null || made.jobId === null) throw error;
    await nameStored(ctx, received);
    return answerOf({ row: made.row, jobId: made.jobId });
  }
}

/** Bytes without a row have no lease that the statement could check; the sweeper leaves them alone for longer than this. */
function requireLease(ctx: UploadContext, { isUnnamed, unopened }: ReceivedFile): void {
  if (isUnnamed === true && unopened !== undefined && unopened.leaseUntil <= ctx.site.clock.now()) throw ended();
}

const ended = (): SafelightError => new SafelightError('conflict', 'The upload was ended while its bytes were moving.');
