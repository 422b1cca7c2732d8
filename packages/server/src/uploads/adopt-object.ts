import { buffer } from 'node:stream/consumers';

import type { Media } from '@safelight/contract/media';
import type { Destination } from '@safelight/contract/uploads';

import { renderMedia } from '../assets/render-media.ts';
import { emit } from '../events/emit.ts';
import { identifyFile } from '../filetypes/identify-file.ts';
import { nameAfterBytes } from '../filetypes/name-after-bytes.ts';
import { sniffBytes } from '../filetypes/sniff.ts';
import { secondsFrom } from '../lib/clock.ts';
import type { Tx } from '../lib/context.ts';
import { SafelightError } from '../lib/errors.ts';
import { newAssetId, newObjectId, newUploadId } from '../lib/ids.ts';
import type { Kind } from '../lib/schema.ts';
import { transact } from '../lib/transact.ts';
import { storeName, type Locator } from '../storage/locator.ts';
import type { Store } from '../storage/store.ts';
import { arrive } from './arrive.ts';
import { checkDeclared, planUpload, typesUnavailable, type UploadPlan } from './plan-upload.ts';
import { cleanFileName } from './clean-file-name.ts';
import { uploadComplete } from './finalize-upload.ts';
import { plannedSession } from './registration.ts';
import { insertSession } from './session-rows.ts';
import type { UploadContext } from './upload-context.ts';

/**
 * Turns an object from before Safelight into an asset, by the provider's URL that an older application kept. The bytes are not copied: the record
 * names them where they lie. From now on Safelight owns them and may delete them. The asset is processed like any upload.
 *
 * Throws `invalid_request` for a URL of no configured store, `not_found` when there is no such object, `conflict` when the object has a record
 * already.
 */
export async function adoptObject(ctx: UploadContext, input: { url: string; destination: Destination }): Promise<{ jobId: string; media: Media }> {
  const { store, key } = locate(ctx, input.url);
  const plan = await planUpload(ctx, input.destination);
  const object = await lookAt(ctx, store, key, plan);
  const { kind, mimeType } = object;
  const [uploadId, assetId, objectId] = [newUploadId(), newAssetId(), newObjectId()];
  const expiresAt = secondsFrom(ctx.site.clock.now(), ctx.site.uploadExpirySeconds);
  const locator = { provider: store.provider, location: store.location, key };
  return await transact(ctx.site.db, async (tx) => {
    await requireUnknown(tx, locator);
    // Session and asset in one transaction: after a crash the sweeper would remove a row that is still `writing`, together with bytes that are not
    // ours yet.
    const session = {
      id: uploadId,
      assetId,
      objectId,
      protocol: 'import' as const,
      ownerId: ctx.actor.id,
      plan,
      fileName: object.fileName,
      contentType: mimeType,
      declaredBytes: object.bytes,
      declaredSha256: null,
    };
    await insertSession(tx, { ...session, locator, expiresAt, leaseUntil: expiresAt });
    const arrived = await arrive(ctx, tx, {
      session: plannedSession(plan, session),
      sessionState: 'complete',
      kind,
      mimeType,
      source: { objectId, key, bytes: object.bytes, sha256: object.sha256 },
      next: 'process',
      charged: null,
    });
    if (arrived === null) throw new Error('a session of this transaction is gone');
    const { row, jobId } = arrived;
    await emit(tx, [uploadComplete(ctx, row, jobId)]);
    return { jobId, media: renderMedia(row, ctx.site.urls, 'own') };
  });
}

type Seen = { bytes: number; sha256: string | null; fileName: string; kind: Kind; mimeType: string };

/** Identifies the object by its first kilobytes and checks that the collection accepts it. */
async function lookAt(ctx: UploadContext, store: Store, key: string, plan: UploadPlan): Promise<Seen> {
  const object = await store.get(key, { range: { start: 0, end: sniffBytes - 1 }, signal: ctx.signal }).catch((error: unknown) => {
    // Only an empty object refuses a range that starts at its first byte.
    if (error instanceof SafelightError && error.code === 'invalid_request')
      throw new SafelightError('empty_file', 'The object has no bytes.', { cause: error });
    throw error;
  });
  if (object === null) throw new SafelightError('not_found', `Nothing lies at ${key} in ${storeName(store)}.`);
  const head = await buffer(object.body);
  const fileName = nameAfterBytes(cleanFileName(key.split('/').at(-1) ?? 'file'), head);
  const { kind, mimeType } = identifyFile(head, { contentType: null, fileName: '' }, plan.rules.acceptedTypes, typesUnavailable(ctx, plan.collection));
  // A file that is too large for this machine has arrived already: its processing reports that, and may be retried on a larger machine.
  checkDeclared({ site: { unavailableTypes: ctx.site.unavailableTypes } }, plan, { type: mimeType, bytes: object.bytes });
  if (!plan.collection.kinds.includes(kind))
    throw new SafelightError('unsupported_type', `${plan.collection.name} takes ${plan.collection.kinds.join(', ')}; ${mimeType} is ${kind}.`);
  return { bytes: object.bytes, sha256: object.sha256, fileName, kind, mimeType };
}

async function requireUnknown(tx: Tx, { provider, location, key }: Locator): Promise<void> {
  const known = await tx
    .selectFrom('object')
    .select('asset_id')
    .where('provider', '=', provider)
    .where('location', '=', location)
    .where('key', '=', key)
    .executeTakeFirst();
  if (known !== undefined)
    throw new SafelightError('conflict', `The object has a record already${known.asset_id === null ? '' : `: media ${known.asset_id}`}.`);
}

/** Only adapters can parse their URLs. */
function locate({ site: { stores } }: UploadContext, text: string): { store: Store; key: string } {
  if (!URL.canParse(text)) throw new SafelightError('invalid_request', `"${text.slice(0, 200)}" is not a URL.`);
  const url = new URL(text);
  for (const store of stores.all()) {
    const key = store.parseUrl?.(url) ?? null;
    if (key !== null && key !== '') return { store, key };
  }
  const configured = stores.all().map(storeName).join(', ');
  throw new SafelightError(
    'invalid_request',
    `The URL at ${url.host} belongs to none of the configured stores: ${configured}. Add its store to additionalStores, with publicBaseUrl when it is a CDN's.`,
  );
}
