import { checkMediaRules } from '@safelight/contract/check-media-rules';
import type { PolicyRules } from '@safelight/contract/media-rules';
import { claimedTypeName } from '@safelight/contract/type-names';
import { unprocessable } from '@safelight/contract/unprocessable';
import type { OpenedDestination } from '@safelight/contract/uploads';

import { requireOwn } from '../assets/access.ts';
import { selectMedia } from '../assets/media-row.ts';
import { SafelightError } from '../lib/errors.ts';
import { collectionFor, type CollectionConfig } from '../policy/collection.ts';
import { readAllowance, rememberedAllowance, rememberedBy, requireRoom, type Allowance, type Entity, type RememberedRules } from '../policy/read-allowance.ts';
import { hasQuota, requireQuota, type More } from '../policy/require-quota.ts';
import { isReadHere } from '../policy/recordings-here.ts';
import { unavailableIn } from '../policy/unavailable-types.ts';
import type { UploadContext, UploadSite } from './upload-context.ts';

export type UploadPlan = {
  collection: CollectionConfig;
  entity: Entity | null;
  purpose: string;
  altText: string | null;
  sortOrder: number | null;
  /** The photo to replace. */
  replaces: string | null;
  /** Refuse the upload at the end if the entity has media of another owner by then. */
  needsOwnEntity: boolean;
  rules: PolicyRules;
  /** Set when the rules come from memory: what the statement that opens the upload has to check for them to hold still. */
  remembered?: RememberedRules;
};

/** Decides where a file of this size may go and under which rules. Every kind of upload calls it before it takes a byte. */
export async function planUpload(ctx: UploadContext, destination: OpenedDestination, more: More = { bytes: 0 }): Promise<UploadPlan> {
  const place = placeOf(ctx, destination);
  const allowance = await readAllowance(ctx.site.db, ctx.actor, place.collection, place.entity);
  const replaces = destination.replaces ?? null;
  if (replaces === null) requireRoom(allowance, more.items);
  else await requireReplaceable(ctx, replaces, place.collection.name, place.entity);
  await requireQuota(ctx.site.db, ctx.actor, ctx.site.ceilings, more);
  return planOf(ctx, place, allowance, replaces);
}

/**
 * Plans an upload and opens it. While nobody has changed the rules they need not be read for each upload: `open` gets the remembered ones, and its
 * statement checks that they still hold. If it refuses, they are read and `open` runs again, so that outdated rules never decide. `open` may run
 * twice, so it must leave nothing behind when it throws.
 */
export async function planAndOpen<T>(ctx: UploadContext, destination: OpenedDestination, more: More, open: (plan: UploadPlan) => T | Promise<T>): Promise<T> {
  const place = placeOf(ctx, destination);
  // Quotas and replaced media are always read.
  const isPlain = destination.replaces === undefined && !hasQuota(ctx.actor, ctx.site.ceilings);
  const allowance = isPlain ? rememberedAllowance(ctx.site.db, ctx.actor, place.collection, place.entity) : undefined;
  if (allowance !== undefined) {
    const plan = { ...planOf(ctx, place, allowance, null), remembered: rememberedBy(ctx.actor, { ...place, ...allowance }) };
    try {
      return await open(plan);
    } catch (error) {
      if (!(error instanceof SafelightError)) throw error;
    }
  }
  return await open(await planUpload(ctx, destination, more));
}

type PlannedPlace = { collection: CollectionConfig; entity: Entity | null; purpose: string; destination: OpenedDestination };

function placeOf(ctx: UploadContext, destination: OpenedDestination): PlannedPlace {
  const collection = collectionFor(ctx.site.collections, destination.collection);
  const { entityType, entityId } = destination;
  if ((entityType === undefined) !== (entityId === undefined)) {
    throw new SafelightError('invalid_request', 'Send both entityType and entityId, or neither.', {
      errors: [{ field: entityType === undefined ? 'entityType' : 'entityId', message: 'missing' }],
    });
  }
  const entity = entityType === undefined || entityId === undefined ? null : { type: entityType, id: entityId };
  const purpose = destination.purpose ?? collection.purposes[0] ?? '';
  if (!collection.purposes.includes(purpose)) {
    throw new SafelightError('invalid_request', `${collection.name} has no purpose "${purpose}"; it has ${collection.purposes.join(', ')}.`, {
      errors: [{ field: 'purpose', message: `one of ${collection.purposes.join(', ')}` }],
    });
  }
  return { collection, entity, purpose, destination };
}

const planOf = (
  ctx: UploadContext,
  { destination, ...place }: PlannedPlace,
  { rules, needsOwnEntity }: Pick<Allowance, 'rules' | 'needsOwnEntity'>,
  replaces: string | null,
): UploadPlan => ({
  ...place,
  altText: destination.altText ?? null,
  sortOrder: destination.sortOrder ?? null,
  replaces,
  needsOwnEntity: replaces === null && needsOwnEntity,
  rules: { ...rules, maxBytes: Math.min(rules.maxBytes, ctx.site.ceilings.requestBytes) },
});

/** The asset to replace has to exist at the place that the upload names, and the caller has to be allowed to change it. */
async function requireReplaceable(ctx: UploadContext, id: string, collection: string, entity: Entity | null): Promise<void> {
  const row = requireOwn(ctx.actor, await selectMedia(ctx.site.db).where('asset.id', '=', id).executeTakeFirst(), ctx.site.collections);
  if (row.collection !== collection || row.entity_type !== (entity?.type ?? null) || row.entity_id !== (entity?.id ?? null)) {
    throw new SafelightError('invalid_request', 'The photo to replace belongs to another collection or entity. Name those of the photo.', {
      errors: [{ field: 'replaces', message: 'of another collection or entity' }],
    });
  }
  if (row.deleted_at !== null) throw new SafelightError('gone', 'The photo to replace was deleted. Restore it first.');
}

/** Whether a type is valid where types are written: in a row and in a header. */
export const isContentType = (type: string): boolean => contentTypePattern.test(type);

const contentTypePattern = /^[\w!#$&^.+*-]{1,127}\/[\w!#$&^.+*-]{1,127}\s*(;[\x20-\x7e]*)?$/;

/** Refuses by what is declared, before any byte has come: the same answer that the browser could have given. */
export function checkDeclared(
  ctx: { site: Pick<UploadSite, 'unavailableTypes' | 'recordingsHere'> },
  plan: Pick<UploadPlan, 'collection' | 'rules'>,
  declared: { type?: string | undefined; bytes?: number | undefined },
): void {
  const type = declared.type === '' ? undefined : declared.type;
  // The type becomes a header of storage requests, where a line break would start another header.
  if (type !== undefined && !isContentType(type)) {
    throw new SafelightError('invalid_request', 'The content type is not well formed. Send one like image/jpeg, or none.', {
      errors: [{ field: 'contentType', message: 'type/subtype' }],
    });
  }
  const maxRecordingBytes = isReadHere(plan.collection) ? (ctx.site.recordingsHere?.mostBytes ?? null) : null;
  const violation = checkMediaRules(
    { ...plan.rules, maxRecordingBytes, unavailableTypes: unavailableIn(plan.collection, ctx.site.unavailableTypes) },
    { type, bytes: declared.bytes },
  );
  if (violation !== null) throw new SafelightError(violation.code, violation.detail);
  // When nothing is declared, the bytes decide later.
  const claimed = claimedTypeName(type);
  if (claimed !== undefined) refuseUndecodable(ctx, plan.collection, claimed);
}

/** Types that this machine cannot process at the moment, whether or not the collection accepts them. */
export const typesUnavailable = (ctx: { site: Pick<UploadSite, 'unavailableTypes'> }, collection: CollectionConfig): string[] =>
  unavailableIn(collection, ctx.site.unavailableTypes).map(({ type }) => type);

/** Refuses when the file comes, rather than after its processing has failed. */
export function refuseUndecodable(ctx: { site: Pick<UploadSite, 'unavailableTypes'> }, collection: CollectionConfig, type: string): void {
  const plain = type.split(';', 1)[0]?.trim().toLowerCase();
  const found = unavailableIn(collection, ctx.site.unavailableTypes).find((entry) => entry.type === plain);
  if (found === undefined) return;
  const { code, detail } = unprocessable(found);
  throw new SafelightError(code, detail);
}
