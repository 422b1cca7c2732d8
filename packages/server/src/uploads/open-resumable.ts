import type { OpenedDestination } from '@safelight/contract/uploads';

import { secondsFrom } from '../lib/clock.ts';
import { SafelightError } from '../lib/errors.ts';
import { isBound } from '../lib/reach.ts';
import { newAssetId, newObjectId, newUploadId } from '../lib/ids.ts';
import type { CollectionConfig } from '../policy/collection.ts';
import type { More } from '../policy/require-quota.ts';
import { uploadKey } from '../storage/object-key.ts';
import type { Store } from '../storage/store.ts';
import { cleanFileName } from './clean-file-name.ts';
import { partLimits } from './part-plan.ts';
import { checkDeclared, planAndOpen, type UploadPlan } from './plan-upload.ts';
import { objectPathOf } from './find-session.ts';
import { objectAsOpened } from './as-opened.ts';
import { rememberOpened } from './opened-here.ts';
import type { NewSession, UploadSession } from './session-rows.ts';
import { mayComeWhole } from './take-whole.ts';
import { writeAnnounced } from './write-announced.ts';
import type { UploadContext } from './upload-context.ts';

export type OpenResumable = {
  /** Null for a part of a concatenation, which has no destination yet. */
  destination: OpenedDestination | null;
  fileName: string;
  contentType: string | null;
  /** Null when the client declares it later. */
  length: number | null;
  /** As the client sent it, to be returned unchanged. */
  metadata: string | null;
  concat: 'partial' | 'final' | null;
  /** The parts of a final upload, as the client named them. */
  concatOf?: string;
};

const graceSeconds = 3600;
const usualPartBytes = 4 * 2 ** 20;
/** Assumed while the length is unknown. The largest allowed length would make parts, which are held in memory, needlessly large. */
const mostOfUnknownLength = 100 * 2 ** 30;

/** Opens an upload whose bytes come in any number of requests, each starting where the durable bytes end. */
export async function openResumable(ctx: UploadContext, input: OpenResumable): Promise<UploadSession> {
  const more = { bytes: input.length ?? 0, isJoined: input.concat === 'final' };
  const open = async (plan: UploadPlan): Promise<UploadSession> => await writeSession(ctx, input, plan, more);
  const session = input.destination === null ? await open(partialPlan(ctx)) : await planAndOpen(ctx, input.destination, more, open);
  // A final upload is written in one piece.
  if (input.concat === 'final' || session.provider_upload_id !== null) return session;
  const store = ctx.site.stores.active('staging');
  if (store.multipart === undefined)
    throw new SafelightError('storage_unavailable', 'The staging store takes no parts, so uploads cannot be resumed on it.', { retryable: false });
  const providerUploadId = await store.multipart.create(objectPathOf(ctx, session), {
    contentType: input.contentType ?? 'application/octet-stream',
    signal: ctx.signal,
  });
  await ctx.site.db.updateTable('upload_session').set({ provider_upload_id: providerUploadId }).where('id', '=', session.id).execute();
  return { ...session, provider_upload_id: providerUploadId };
}

async function writeSession(ctx: UploadContext, input: OpenResumable, plan: UploadPlan, more: More): Promise<UploadSession> {
  checkDeclared(ctx, plan, {
    ...(input.contentType === null ? {} : { type: input.contentType }),
    ...(input.length === null || input.length === 0 ? {} : { bytes: input.length }),
  });
  const store = ctx.site.stores.active('staging');
  const expiresAt = secondsFrom(ctx.site.clock.now(), ctx.site.uploadExpirySeconds);
  const id = newUploadId();
  const assetId = newAssetId();
  const fileName = cleanFileName(input.fileName);
  const locator = { provider: store.provider, location: store.location, key: uploadKey(plan.collection.keyPrefix, ctx.actor.id, assetId, fileName) };
  const session: NewSession = {
    id,
    assetId,
    objectId: newObjectId(),
    protocol: 'tus',
    ownerId: ctx.actor.id,
    plan,
    fileName,
    contentType: input.contentType,
    declaredBytes: input.length,
    declaredSha256: null,
    locator,
    partBytes: store.append !== undefined ? 'any' : resumablePartBytes(store, input.length ?? Math.min(plan.rules.maxBytes, mostOfUnknownLength)),
    expiresAt,
    leaseUntil: secondsFrom(expiresAt, graceSeconds),
    isUnbound: ctx.actor.scopes.has('media:admin'),
    resumable: {
      metadata: input.metadata,
      concat: input.concat,
      concat_of: input.concatOf ?? null,
      provider_upload_id: input.concat === 'final' ? null : (store.append?.begin(locator.key) ?? null),
    },
  };
  const opened = await writeAnnounced(ctx, session, more, { isTold: input.concat !== 'partial' });
  const ruled = plan.remembered?.ruled;
  if (typeof ruled === 'string' && mayComeWhole(opened))
    rememberOpened(ctx.site.db, { ...opened, object: objectAsOpened(session), most_bytes: plan.rules.maxBytes, ruled });
  return opened;
}

/** The smallest part size that the provider and its limit of parts allow, because each upload holds one part in memory. */
function resumablePartBytes(store: Store, bytes: number): number {
  const { minPartBytes, maxParts } = partLimits(store);
  return Math.max(usualPartBytes, minPartBytes, Math.ceil(bytes / (maxParts / 2)));
}

/** A part of a concatenation has no place of its own; the final upload has one, and its rules apply then. */
function partialPlan(ctx: UploadContext): UploadPlan {
  if (isBound(ctx.actor))
    throw new SafelightError(
      'forbidden',
      'A part of a concatenation belongs to no entity, and this API key is bound to entities. Send the file in one upload.',
    );
  const [first] = ctx.site.collections.values();
  if (first === undefined) throw new SafelightError('invalid_request', 'No collection is declared.');
  const nowhere: CollectionConfig = { ...first, name: '', keyPrefix: 'media', kinds: ['file'], image: null, visibility: 'grant' };
  return {
    collection: nowhere,
    entity: null,
    purpose: '',
    altText: null,
    sortOrder: null,
    replaces: null,
    needsOwnEntity: false,
    rules: { ...first.policy, acceptedTypes: ['*/*'], maxBytes: ctx.site.ceilings.requestBytes },
  };
}
