import type { Readable } from 'node:stream';

import { claimedTypeName } from '@safelight/contract/type-names';
import type { Destination } from '@safelight/contract/uploads';

import { mediaEvent } from '../assets/media-event.ts';
import type { MediaRow } from '../assets/media-row.ts';
import { identifyFile } from '../filetypes/identify-file.ts';
import { secondsFrom } from '../lib/clock.ts';
import { SafelightError } from '../lib/errors.ts';
import { newAssetId, newObjectId, newUploadId } from '../lib/ids.ts';
import type { Kind } from '../lib/schema.ts';
import { hasQuota } from '../policy/require-quota.ts';
import { arrivalLeaseSeconds } from '../storage/ledger.ts';
import type { Locator } from '../storage/locator.ts';
import { uploadKey } from '../storage/object-key.ts';
import type { PutOptions, StoredObject } from '../storage/store.ts';
import type { Arriving } from './arrive.ts';
import { cleanFileName } from './clean-file-name.ts';
import { uploadComplete } from './finalize-upload.ts';
import { checkDeclared, planAndOpen, planUpload, refuseUndecodable, type UploadPlan, typesUnavailable } from './plan-upload.ts';
import type { ReceivedFile } from './received-file.ts';
import { scanObject } from './scan-object.ts';
import { beginDirect } from './begin-direct.ts';
import { discardReceived } from './discard-received.ts';
import { plannedSession } from './registration.ts';
import type { NewSession } from './session-rows.ts';
import { readHeadOf, type HeadReader } from './read-head-of.ts';
import type { UploadContext, UploadSite } from './upload-context.ts';

export type ReceiveFile = { destination: Destination; fileName: string; contentType: string | null; body: Readable };
export type ReceiveInto = Omit<ReceiveFile, 'destination'> & { plan: UploadPlan };

/**
 * Streams one file of a direct upload to the staging store. Its first kilobytes tell its type, so a refusal comes before anything is written. The
 * ledger has the object before its first byte, and so has the session of a file that is not here as a whole by then; if the bytes fail, nothing stays.
 * Where the store can name a whole file later, nothing is recorded before the file is registered.
 */
export async function receiveFile(ctx: UploadContext, input: ReceiveFile): Promise<ReceivedFile> {
  const split = readHeadOf(input.body);
  const openBy = async (plan: UploadPlan): Promise<Opened> => await open(ctx, { ...input, plan }, split);
  const received = await store(ctx, await planAndOpen(ctx, input.destination, { bytes: 0 }, openBy));
  if (received.isUnnamed !== true || received.plan.remembered === undefined) return received;
  return { ...received, again: async () => await store(ctx, await openBy(await planUpload(ctx, input.destination))) };
}

/** The same with a plan that was made already. */
export async function receiveInto(ctx: UploadContext, input: ReceiveInto): Promise<ReceivedFile> {
  return await store(ctx, await open(ctx, input, readHeadOf(input.body)));
}

type Opened = { received: Unstored; all: Buffer | Readable } | { received: ReceivedFile; all: null };
type Unstored = Omit<ReceivedFile, 'bytes' | 'sha256' | 'crc32'>;

async function open(ctx: UploadContext, input: ReceiveInto, split: HeadReader): Promise<Opened> {
  const { plan } = input;
  checkDeclared(ctx, plan, { type: claimedTypeName(input.contentType) });
  const { head, whole } = await split();
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
  const isAtOnce = staging.unnamed !== undefined && isRecordedAtOnce(ctx, plan);
  const all = await whole(isAtOnce ? mostAtOnceBytes : 0);
  if (isAtOnce && isWhole(all)) {
    const unnamed = await staging.unnamed?.put(key, all, putOptions(ctx, received));
    if (unnamed) return { received: withStored({ ...received, unopened: session, isUnnamed: true, pieces: all }, unnamed), all: null };
  }
  const unopened = await beginDirect(ctx, session, isWhole(all));
  return { received: { ...received, unopened }, all: isWhole(all) ? Buffer.concat(all) : all };
}

const isWhole = (all: Buffer[] | Readable): all is Buffer[] => Array.isArray(all);

/** What is recorded at once is held in memory as a whole before that: no more than a file that is written as it comes has there. */
const mostAtOnceBytes = 2 ** 20;

/** Whether nothing has to be recorded between the bytes and the asset: no quota is reserved, nothing is scanned, and nothing is made of them before. */
const isRecordedAtOnce = (ctx: UploadContext, { collection }: UploadPlan): boolean =>
  collection.ingest === 'queued' && ctx.site.scan === null && !hasQuota(ctx.actor, ctx.site.ceilings);

const putOptions = (ctx: UploadContext, { plan, mimeType }: Pick<ReceivedFile, 'plan' | 'mimeType'>): PutOptions => ({
  contentType: mimeType,
  maxBytes: Math.min(plan.rules.maxBytes, ctx.site.ceilings.requestBytes),
  signal: ctx.signal,
});

const withStored = (received: Unstored, { bytes, sha256, crc32 }: StoredObject): ReceivedFile => ({ ...received, bytes, sha256, crc32 });

async function store(ctx: UploadContext, { received, all }: Opened): Promise<ReceivedFile> {
  if (all === null) return received;
  const { locator } = received;
  try {
    const stored = await ctx.site.stores.of(locator).put(locator.key, all, putOptions(ctx, received));
    await scanObject(ctx, { ...locator, id: received.objectId });
    return withStored(received, stored);
  } catch (error) {
    await discardReceived(ctx, received);
    throw error;
  }
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
    isUnnamed: received.isUnnamed,
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
