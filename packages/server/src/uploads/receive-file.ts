import type { Readable } from 'node:stream';

import { claimedTypeName } from '@safelight/contract/type-names';
import type { Destination } from '@safelight/contract/uploads';

import { mediaEvent } from '../assets/media-event.ts';
import type { MediaRow } from '../assets/media-row.ts';
import { identifyFile } from '../filetypes/identify-file.ts';
import { sniffBytes } from '../filetypes/sniff.ts';
import { secondsFrom } from '../lib/clock.ts';
import { SafelightError } from '../lib/errors.ts';
import { newAssetId, newObjectId, newUploadId } from '../lib/ids.ts';
import type { Kind } from '../lib/schema.ts';
import { transact } from '../lib/transact.ts';
import { arrivalLeaseSeconds, releaseUnbound } from '../storage/ledger.ts';
import type { Locator } from '../storage/locator.ts';
import { uploadKey } from '../storage/object-key.ts';
import type { Arriving } from './arrive.ts';
import { cleanFileName } from './file-name.ts';
import { uploadComplete } from './finalize-upload.ts';
import { checkDeclared, planAndOpen, refuseUndecodable, type UploadPlan, typesUnavailable } from './plan-upload.ts';
import type { ReceivedFile } from './received-file.ts';
import { scanObject } from './scan-object.ts';
import { beginDirect } from './begin-direct.ts';
import { plannedSession } from './register-assets.ts';
import type { NewSession } from './session-rows.ts';
import { discardObjects } from '../storage/discard-objects.ts';
import type { UploadContext, UploadSite } from './upload-context.ts';

export type ReceiveFile = { destination: Destination; fileName: string; contentType: string | null; body: Readable };
export type ReceiveInto = Omit<ReceiveFile, 'destination'> & { plan: UploadPlan };

/**
 * Streams one file of a direct upload to the staging store. Its first kilobytes tell its type, so a refusal comes before anything is written. The
 * ledger has the object before its first byte, and so has the session of a file that is not here as a whole by then; if the bytes fail, nothing stays.
 */
export async function receiveFile(ctx: UploadContext, input: ReceiveFile): Promise<ReceivedFile> {
  const split = headReader(input.body);
  return await store(ctx, await planAndOpen(ctx, input.destination, { bytes: 0 }, async (plan) => await open(ctx, { ...input, plan }, split)));
}

/** The same with a plan that was made already. */
export async function receiveInto(ctx: UploadContext, input: ReceiveInto): Promise<ReceivedFile> {
  return await store(ctx, await open(ctx, input, headReader(input.body)));
}

type Opened = { received: Omit<ReceivedFile, 'bytes' | 'sha256' | 'crc32'>; all: Buffer | Readable };

async function open(ctx: UploadContext, input: ReceiveInto, split: HeadReader): Promise<Opened> {
  const { plan } = input;
  checkDeclared(ctx, plan, { type: claimedTypeName(input.contentType) });
  const { head, all } = await split();
  if (head.length === 0) throw new SafelightError('empty_file', `"${input.fileName}" has no bytes. Choose a file that is not empty.`);
  const { kind, mimeType } = identifyFile(
    head,
    { contentType: input.contentType, fileName: input.fileName },
    plan.rules.acceptedTypes,
    typesUnavailable(ctx, plan.collection),
  );
  refuseKind(ctx, plan, kind, mimeType);

  const staging = ctx.site.stores.active('staging');
  const assetId = newAssetId();
  const fileName = cleanFileName(input.fileName);
  const key = uploadKey(plan.collection.keyPrefix, ctx.actor.id, assetId, fileName);
  const locator: Locator = { provider: staging.provider, location: staging.location, key };
  const received = { uploadId: newUploadId(), assetId, objectId: newObjectId(), locator, plan, fileName, kind, mimeType };
  const until = secondsFrom(ctx.site.clock.now(), arrivalLeaseSeconds);
  const session: NewSession = {
    ...received,
    id: received.uploadId,
    protocol: 'direct',
    ownerId: ctx.actor.id,
    contentType: mimeType,
    declaredBytes: null,
    declaredSha256: null,
    expiresAt: until,
    leaseUntil: until,
  };
  const unopened = await beginDirect(ctx, session, Buffer.isBuffer(all));
  return { received: { ...received, unopened }, all };
}

async function store(ctx: UploadContext, { received, all }: Opened): Promise<ReceivedFile> {
  const { plan, locator, mimeType } = received;
  try {
    const maxBytes = Math.min(plan.rules.maxBytes, ctx.site.ceilings.requestBytes);
    const stored = await ctx.site.stores.of(locator).put(locator.key, all, { contentType: mimeType, maxBytes, signal: ctx.signal });
    await scanObject(ctx, { ...locator, id: received.objectId });
    return { ...received, bytes: stored.bytes, sha256: stored.sha256, crc32: stored.crc32 };
  } catch (error) {
    await discardReceived(ctx, received);
    throw error;
  }
}

/** Gives up received bytes when the step after them has failed. If even that cannot be recorded, the lease runs out and the sweeper removes them. */
export async function discardReceived(ctx: UploadContext, received: Pick<ReceivedFile, 'uploadId' | 'objectId'>): Promise<void> {
  try {
    await transact(ctx.site.db, async (tx) => {
      await releaseUnbound(tx, [received.objectId]);
      await tx
        .updateTable('upload_session')
        .set({ state: 'aborted', updated_at: ctx.site.clock.now() })
        .where('id', '=', received.uploadId)
        .where('state', '=', 'open')
        .execute();
    });
  } catch (error) {
    ctx.log.warn({ err: error, uploadId: received.uploadId }, 'a failed upload could not be ended at once; the sweeper will end it');
  }
  await discardObjects(ctx, [received.objectId]);
}

/** Emitted together: until the bytes of a direct upload were here, nobody could know what it is. */
export const receivedEvents = (ctx: { site: Pick<UploadSite, 'urls'> }, row: MediaRow, jobId: string | null) => [
  mediaEvent(row, 'upload_started', {}, jobId),
  uploadComplete(ctx, row, jobId),
];

/** The bytes from a form, which were inspected on arrival. */
export function arrivingOf(ctx: UploadContext, received: ReceivedFile): Omit<Arriving, 'next'> {
  const { plan, locator, kind, mimeType, objectId, bytes, sha256, crc32 } = received;
  return {
    unopened: received.unopened,
    session: plannedSession(plan, { id: received.uploadId, assetId: received.assetId, ownerId: ctx.actor.id, fileName: received.fileName }),
    sessionState: 'complete',
    kind,
    mimeType,
    source: { objectId, key: locator.key, bytes, sha256, crc32 },
    charged: { by: ctx.actor },
    staged: { locator, collection: plan.collection, kind },
  };
}

function refuseKind(ctx: UploadContext, plan: UploadPlan, kind: Kind, mimeType: string): void {
  refuseUndecodable(ctx, plan.collection, mimeType);
  if (!plan.collection.kinds.includes(kind))
    throw new SafelightError('unsupported_type', `${plan.collection.name} takes ${plan.collection.kinds.join(', ')}; ${mimeType} is ${kind}.`);
}

type HeadReader = () => ReturnType<typeof splitHead>;

/** Reads the head once, however often it is called. */
function headReader(body: Readable): HeadReader {
  let split: ReturnType<typeof splitHead> | undefined;
  return () => (split ??= splitHead(body));
}

/** The first bytes of a body, and the whole: those bytes if there are no more, else the stream with them put back in front. */
async function splitHead(body: Readable): Promise<{ head: Buffer; all: Buffer | Readable }> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of body.iterator({ destroyOnReturn: false })) {
    const bytes = chunk as Buffer;
    chunks.push(bytes);
    length += bytes.length;
    if (length >= sniffBytes) break;
  }
  const read = Buffer.concat(chunks, length);
  if (length < sniffBytes || body.readableEnded) return { head: read.subarray(0, sniffBytes), all: read };
  body.unshift(read);
  return { head: read.subarray(0, sniffBytes), all: body };
}
