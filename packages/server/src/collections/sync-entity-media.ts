import type { EntityMediaSync } from '@safelight/contract/collections';
import { sql } from '#kysely';

import type { UploadSite } from '../uploads/upload-context.ts';
import { mayAct } from '../assets/access.ts';
import { hideMedia } from '../assets/hide-media.ts';
import { selectMedia, type MediaRow } from '../assets/media-row.ts';
import { emit } from '../events/emit.ts';
import { secondsFrom } from '../lib/clock.ts';
import type { Tx, Context } from '../lib/context.ts';
import { SafelightError } from '../lib/errors.ts';
import { transact } from '../lib/transact.ts';
import { lockPlace } from '../places/lock-place.ts';
import { readAllowance } from '../policy/read-allowance.ts';
import { readPolicy } from '../policy/read-policy.ts';
import { arrive } from '../uploads/arrive.ts';
import { arrivingOf, verifyArrival, type Arrival } from '../uploads/complete-upload.ts';
import { findOwnSession } from '../uploads/find-session.ts';
import { orderOfRemoved } from './order-of-removed.ts';
import { planSync, type SyncPlan } from './plan-sync.ts';
import { entityCollection, readEntityMedia, type EntityContext, type EntityMedia, type EntitySite } from './read-entity-media.ts';
import { isMeantFor } from '../lib/etags.ts';

export type SyncContext = Context<UploadSite & EntitySite>;
export type SyncEntityMedia = { type: string; id: string; collection?: string | undefined; ifMatch: string | undefined; items: EntityMediaSync['items'] };

/**
 * Makes an entity's collection match an edit form: order, alt text, purposes and additions by upload; media that are not listed are removed with an
 * undo window. All or nothing. `ifMatch` names the state that the form was filled from; without it throws `precondition_required`, and after another
 * edit `precondition_failed`. A photo that became ready meanwhile is not an edit.
 */
export async function syncEntityMedia(ctx: SyncContext, input: SyncEntityMedia): Promise<EntityMedia> {
  const { ifMatch } = input;
  if (ifMatch === undefined)
    throw new SafelightError(
      'precondition_required',
      'Send If-Match with the etag that the collection had when the form was filled, so that nobody else’s edit is lost.',
    );
  const collection = entityCollection(ctx, input.type, input.collection);
  const entity = { type: input.type, id: input.id };
  await readAllowance(ctx.site.db, ctx.actor, collection, entity);
  const arrivals = await verifyArrivals(ctx, { collection: collection.name, ...entity }, input.items);
  return await transact(ctx.site.db, async (tx) => {
    await lockPlace(tx, { collection: collection.name, entity_type: entity.type, entity_id: entity.id, owner_id: ctx.actor.id });
    const { clock, collections, urls, purgesCdn, unavailableTypes, recordingsHere } = ctx.site;
    const inside: EntityContext = { ...ctx, site: { db: tx, clock, collections, urls, purgesCdn, unavailableTypes, recordingsHere } };
    const before = await readEntityMedia(inside, { ...entity, collection: collection.name });
    requireSameEdit(before.etag, ifMatch);
    const rows = await selectMedia(tx)
      .where('asset.entity_type', '=', entity.type)
      .where('asset.entity_id', '=', entity.id)
      .where('asset.collection', '=', collection.name)
      .orderBy('asset.sort_order')
      .orderBy('asset.id')
      .execute();
    const live = rows.filter((row) => row.deleted_at === null);
    if (live.some((row) => !mayAct(ctx.actor, row)))
      throw new SafelightError(
        'forbidden',
        `${entity.type}/${entity.id} holds media that only its owner or a manager may change. Use the token of one of them.`,
      );
    const uploading = new Set(before.tray.flatMap(({ id, upload }) => (upload === null ? [] : [id])));
    const plan = planSync({ collection, rules: before.rules, live, arrivals, uploading, items: input.items });
    const { undoWindowSeconds } = await readPolicy(tx, collection.name);
    const hidden = await hideMedia(ctx, tx, plan.removed, secondsFrom(ctx.site.clock.now(), undoWindowSeconds));
    // After the removals, which may make the needed room.
    await addArrivals(ctx, tx, plan, arrivals);
    await writeOrder(ctx, tx, plan, rows);
    const after = await readEntityMedia(inside, { ...entity, collection: collection.name });
    await emit(tx, hidden);
    return after;
  });
}

/** Storage is asked before the transaction, so that none stays open meanwhile. */
async function verifyArrivals(
  ctx: SyncContext,
  place: { collection: string; type: string; id: string },
  items: SyncEntityMedia['items'],
): Promise<Map<string, Arrival | { assetId: string }>> {
  const arrivals = new Map<string, Arrival | { assetId: string }>();
  for (const [index, item] of items.entries()) {
    if (item.uploadId === undefined) continue;
    const session = await findOwnSession(ctx, { uploadId: item.uploadId });
    if (session.collection !== place.collection || session.entity_type !== place.type || session.entity_id !== place.id) {
      throw new SafelightError('invalid_request', 'An upload was opened for another collection or entity. Open it for the one that is saved.', {
        errors: [{ field: `items.${index}.uploadId`, message: 'opened for another place' }],
      });
    }
    if (session.state === 'open' && session.replaces !== null) {
      throw new SafelightError(
        'invalid_request',
        'An upload was opened to replace another photo, whose place it will take. Complete it, and list that photo.',
        {
          errors: [{ field: `items.${index}.uploadId`, message: `opened to replace ${session.replaces}` }],
        },
      );
    }
    arrivals.set(item.uploadId, session.state === 'open' ? await verifyArrival(ctx, session) : { assetId: session.asset_id });
  }
  return arrivals;
}

async function addArrivals(ctx: SyncContext, tx: Tx, plan: SyncPlan, arrivals: ReadonlyMap<string, Arrival | { assetId: string }>): Promise<void> {
  for (const { uploadId, purpose, altText } of plan.additions) {
    const arrival = arrivals.get(uploadId);
    if (arrival === undefined || !('session' in arrival)) continue;
    const said = { ...(purpose === undefined ? {} : { purpose }), ...(altText === undefined ? {} : { altText }) };
    const arrived = await arrive(ctx, tx, arrivingOf(ctx, arrival, said));
    // Another request completed or ended it between our check and the lock.
    if (arrived === null) throw new SafelightError('precondition_failed', 'An upload was completed or ended elsewhere meanwhile. Read the collection again.');
  }
}

/** Writes only the differences, in one statement; the versions of other assets stay. Removed ones keep their neighbours. */
async function writeOrder(ctx: SyncContext, tx: Tx, plan: SyncPlan, rows: readonly MediaRow[]): Promise<void> {
  const places = [...plan.places, ...orderOfRemoved(rows, plan)];
  if (places.length === 0) return;
  await sql`
    update asset
    set sort_order = coalesce(given."sortOrder", asset.sort_order), purpose = coalesce(given.purpose, asset.purpose),
      restore_rank = coalesce(given."restoreRank", 0),
      alt_text = case when given."setsAltText" then given."altText" else asset.alt_text end,
      version = version + case when deleted_at is null then 1 else 0 end, updated_at = ${ctx.site.clock.now()}
    from jsonb_to_recordset(${JSON.stringify(places)}::jsonb) as given (id uuid, "sortOrder" int, purpose text,
      "altText" text, "setsAltText" boolean, "restoreRank" int)
    where asset.id = given.id
      and (asset.sort_order <> coalesce(given."sortOrder", asset.sort_order)
        or asset.purpose <> coalesce(given.purpose, asset.purpose)
        or asset.restore_rank <> coalesce(given."restoreRank", 0)
          or (given."setsAltText" and asset.alt_text is distinct from given."altText"))`.execute(tx);
}

/** The first half of the etag covers what people edit; see `readEntityMedia`. */
function requireSameEdit(etag: string, ifMatch: string): void {
  if (isMeantFor(ifMatch, etag, editOf)) return;
  throw new SafelightError(
    'precondition_failed',
    'Somebody else has changed this collection since you last read it. Read it again, and decide on what is there now.',
    { headers: { etag } },
  );
}

const editOf = (etag: string): string => etag.replaceAll('"', '').split('.')[0] ?? '';
