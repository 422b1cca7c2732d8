import { randomBytes, randomUUID } from 'node:crypto';

import type { ReviewDecision } from '@safelight/contract/reviews';
import { expect } from 'vitest';

import { noLimits } from '../../src/config-schema.ts';
import { deleteMedia } from '../../src/collections/delete-media.ts';
import { listMedia } from '../../src/assets/list-media.ts';
import { lockMedia } from '../../src/places/lock-media.ts';
import { patchMedia } from '../../src/collections/patch-media.ts';
import { purgeMedia } from '../../src/collections/purge-media.ts';
import { readMedia } from '../../src/assets/read-media.ts';
import { readEntityMedia } from '../../src/collections/read-entity-media.ts';
import { renderMedia } from '../../src/assets/render-media.ts';
import { placeChanges, standingOf } from '../../src/places/place-changes.ts';
import { restoreMedia } from '../../src/collections/restore-media.ts';
import { planReplacement } from '../../src/collections/start-replacement.ts';
import { statusChanges, type Change } from '../../src/assets/status-changes.ts';
import { syncEntityMedia, type SyncContext } from '../../src/collections/sync-entity-media.ts';
import { assetStream } from '../../src/delivery/media-urls.ts';
import { findDelivery, findMediaDelivery } from '../../src/delivery/find-delivery.ts';
import { findGranted } from '../../src/delivery/find-granted.ts';
import { signAddress } from '../../src/delivery/signed-address.ts';
import { emit } from '../../src/events/emit.ts';
import { accessTokenOf } from '../../src/grants/access-token.ts';
import { readAfter, readHeads } from '../../src/events/event-rows.ts';
import { shardOf } from '../../src/events/shards.ts';
import { anonymous } from '../../src/http/authenticate.ts';
import type { Actor, Db } from '../../src/lib/context.ts';
import { SafelightError } from '../../src/lib/errors.ts';
import { newAssetId, newJobId, newObjectId } from '../../src/lib/ids.ts';
import { createLog } from '../../src/lib/log.ts';
import { createSigning } from '../../src/lib/signing.ts';
import { transact } from '../../src/lib/transact.ts';
import { changePolicy, type PolicyContext } from '../../src/review/change-policy.ts';
import { ceilingsSchema } from '../../src/policy/ceilings.ts';
import { collectionNamed, collectionSchema, type CollectionConfig } from '../../src/policy/collection.ts';
import { lockPlace } from '../../src/places/lock-place.ts';
import { readAllowance } from '../../src/policy/read-allowance.ts';
import { readPolicy } from '../../src/policy/read-policy.ts';
import { seedPolicies } from '../../src/policy/seed-policies.ts';
import { applyRendered, readyEvents } from '../../src/processing/apply-rendered.ts';
import { failProcessing } from '../../src/processing/fail-processing.ts';
import { retryProcessing } from '../../src/processing/retry-processing.ts';
import { decideReview } from '../../src/review/decide-review.ts';
import { endReview } from '../../src/review/fail-review.ts';
import { reviewChanges } from '../../src/review/review-changes.ts';
import { retryReview } from '../../src/review/retry-review.ts';
import { openStores } from '../../src/storage/stores.ts';

/** One step; the numbers choose among the assets that exist at that moment. */
export type Step = { kind: (typeof stepKinds)[number]; a: number; b: number };
export const stepKinds = [
  'add',
  'ready',
  'ready',
  'fail',
  'retry',
  'replace',
  'replace',
  'delete',
  'restore',
  'restore',
  'sync',
  'patch',
  'approve',
  'reject',
  'failReview',
  'gateOn',
  'grandfather',
  'gateOff',
  'wait',
  'purge',
] as const;

export type World = Awaited<ReturnType<typeof openWorld>>;

/**
 * Everything that happens to media after their bytes have arrived, through the use cases themselves on a real database; only the pixels are left out.
 * A world has one collection with a gate, and a clock that stands still until it is advanced.
 */
export async function openWorld(db: Db) {
  const name = `life.w${randomBytes(4).toString('hex')}`;
  const collection: CollectionConfig = {
    ...collectionSchema.parse({
      entityType: 'thing',
      kinds: ['image'],
      purposes: ['gallery', 'profile'],
      singlePurposes: ['profile'],
      ingest: 'queued',
      keepSource: true,
      visibility: 'public',
      gate: 'policy',
      image: { outputs: [{ role: 'preview', maxSide: 800, format: 'webp', quality: 80, animated: false }], blur: false },
      policy: {
        batchSize: 20,
        maxBytes: 1e6,
        ...noLimits,
        acceptedTypes: ['image/jpeg'],
        undoWindowSeconds: 60,
        photoReviewEnabled: false,
        photoReviewProvider: 'manual',
      },
    }),
    name,
  };
  const collections = new Map([[name, collection]]);
  await seedPolicies(db, collections);
  const log = createLog({ level: 'silent' });
  const stores = await openStores({ stores: [{ provider: 'mocked', location: name }], roles: { staging: `mocked:${name}`, final: `mocked:${name}` } });
  const time = { now: new Date('2030-01-01T00:00:00Z') };
  const clock = { now: () => time.now };
  const urls = {
    areOpen: () => true,
    artifact: (token: string) => `/media/${token}`,
    signedArtifact: (token: string) => `/media/${token}?signature`,
    signedStream: (_assetId: string, token: string) => `/s/signature/${token}`,
  };
  const owner: Actor = { id: `owner-${name}`, scopes: new Set(['media:read', 'media:write', 'media:review', 'media:manage', 'media:admin']) };
  const ctx: SyncContext & PolicyContext = {
    actor: owner,
    log,
    signal: new AbortController().signal,
    site: {
      db,
      clock,
      collections,
      urls,
      purgesCdn: false,
      stores,
      ceilings: ceilingsSchema.parse({}),
      uploadExpirySeconds: 3600,
      scan: null,
      baseURL: 'http://localhost',
      signing: createSigning([{ id: 'k1', secret: 's'.repeat(32) }]),
      unavailableTypes: [],
    },
  };

  const stored = { provider: 'mocked', location: name, state: 'stored' as const, bytes: 1 };

  /** Writes what registering an upload writes, without an upload. */
  async function add(entityId: string, replaces: string | null = null): Promise<string> {
    const id = newAssetId();
    const planned = replaces === null ? null : await planReplacement(ctx, { id: replaces });
    await transact(db, async (tx) => {
      const place = { collection: name, entity_type: 'thing', entity_id: entityId, owner_id: owner.id };
      const claimed = planned === null ? null : await planned.claim(tx);
      await lockPlace(tx, place);
      const { last } = await tx
        .selectFrom('asset')
        .select((eb) => eb.fn.max('sort_order').as('last'))
        .where('collection', '=', name)
        .where('entity_id', '=', entityId)
        .executeTakeFirstOrThrow();
      await tx
        .insertInto('asset')
        .values({
          id,
          ...place,
          kind: 'image',
          purpose: 'gallery',
          status: 'pending',
          original_file_name: 'photo.jpg',
          mime_type: 'image/jpeg',
          byte_size: 1,
          sort_order: last === null ? 0 : last + 1,
          replaces: claimed?.replaces ?? null,
        })
        .execute();
      const source = newObjectId();
      await tx
        .insertInto('object')
        .values({ id: source, key: `media/${id}/source.jpg`, role: 'source', mime_type: 'image/jpeg', ...stored, asset_id: id })
        .execute();
      await tx.updateTable('asset').set({ source_object_id: source }).where('id', '=', id).execute();
      if (claimed !== null) await emit(tx, claimed.events);
    });
    return id;
  }

  async function ready(id: string): Promise<void> {
    await transact(db, async (tx) => {
      const row = await lockMedia(tx, id);
      if (row === undefined || row.status !== 'pending') return;
      await tx
        .insertInto('object')
        .values({
          id: newObjectId(),
          key: `media/${id}/preview.webp`,
          role: 'preview',
          token: randomUUID(),
          mime_type: 'image/webp',
          ...stored,
          asset_id: id,
        })
        .execute();
      const { after, gated, placed } = await applyRendered(ctx, tx, row, null, collection);
      await emit(
        tx,
        readyEvents(after, { gated, placed, wasPublished: row.published, result: { url: null, path: null, media: renderMedia(after, urls, 'own') } }),
      );
    });
  }

  const setPolicy = async (change: object, reviewExisting: 'review' | 'grandfather' = 'review') => {
    const { collection: _, version: __, updatedAt: ___, updatedBy: ____, ...rules } = await readPolicy(db, name);
    await changePolicy(ctx, { collection: name, rules: { ...rules, ...change }, reviewExisting });
  };
  const decide = async (id: string, decision: ReviewDecision) => await decideReview(ctx, { id, decision });
  /** The event after which the story of an entity begins; a world has many events. */
  const since = new Map<string, number>();
  return { name, since, db, ctx, time, add, ready, setPolicy, decide, entity: (id: string) => ({ type: 'thing', id, collection: name }) };
}

type Row = {
  id: string;
  status: string;
  review: string;
  replaces: string | null;
  replaced_by: string | null;
  sort_order: number;
  purpose: string;
  deleted_at: Date | null;
  undo_until: Date | null;
  restore_rank: number;
  published: boolean;
  token: string;
};

const rowsOf = async ({ db, name }: World, entityId: string): Promise<Row[]> =>
  await db
    .selectFrom('asset')
    .leftJoin('object', (join) => join.onRef('object.asset_id', '=', 'asset.id').on('object.role', '=', 'preview'))
    .select([
      'asset.id',
      'asset.status',
      'asset.review',
      'asset.replaces',
      'asset.replaced_by',
      'asset.sort_order',
      'asset.purpose',
      'asset.deleted_at',
      'asset.undo_until',
      'asset.restore_rank',
      'object.token',
    ])
    .select((eb) =>
      eb
        .exists(eb.selectFrom('published_asset').select('published_asset.id').whereRef('published_asset.id', '=', 'asset.id'))
        .$castTo<boolean>()
        .as('published'),
    )
    .where('asset.collection', '=', name)
    .where('asset.entity_id', '=', entityId)
    .orderBy('asset.sort_order')
    .orderBy('asset.id')
    .execute()
    // An asset that is not ready has nothing to deliver.
    .then((rows) => rows.map((row) => ({ ...row, token: row.token ?? '' })));

/** Steps after which something visible may be gone, because somebody requested it. */
const mayHide = new Set<Step['kind']>(['delete', 'sync', 'reject', 'gateOn']);
const mayReorder = new Set<Step['kind']>(['sync']);

/** Runs the steps, and checks after each that every promise of the lifecycle still holds. Returns what really happened. */
export async function liveThrough(world: World, steps: readonly Step[]): Promise<string[]> {
  const entityId = randomUUID();
  world.since.set(entityId, (await readHeads(world.db))[shardOf(world.ctx.actor.id)] ?? 0);
  const happened: string[] = [];
  /** The place of each asset; a place is occupied from its first photo until somebody removes it. */
  const placeOf = new Map<string, number>();
  const occupied = new Set<number>();
  for (let n = 0; n < 3; n++) occupied.add(remember(placeOf, await world.add(entityId), n));
  let before = await rowsOf(world, entityId);
  for (const step of steps) {
    const told = await perform(world, entityId, step, before, { placeOf, occupied }).catch((error: unknown) => {
      // A refusal is a valid answer; the checks below verify that it changed nothing.
      if (error instanceof SafelightError && error.status < 500) return `${step.kind}: ${error.code}`;
      throw error;
    });
    happened.push(told);
    const after = await rowsOf(world, entityId);
    checkStep(step, before, after, { placeOf, occupied }, happened);
    before = after;
    // Each way of reading costs many queries, so not after every step.
    if (step.b % 4 === 0) await checkReads(world, entityId, before, happened);
  }
  await checkReads(world, entityId, before, happened);
  await checkLedger(world, happened);
  return happened;
}

type Memory = { placeOf: Map<string, number>; occupied: Set<number> };

function remember(placeOf: Map<string, number>, id: string, place: number): number {
  placeOf.set(id, place);
  return place;
}

async function perform(world: World, entityId: string, { kind, a, b }: Step, rows: Row[], { placeOf, occupied }: Memory): Promise<string> {
  const { ctx } = world;
  const alive = rows.filter((row) => row.deleted_at === null);
  const pick = (among: readonly Row[]): Row | undefined => among[a % Math.max(1, among.length)];
  const placeIn = (row: Row): number => placeOf.get(row.id) ?? -1;
  switch (kind) {
    case 'add': {
      const place = placeOf.size + 1000;
      occupied.add(remember(placeOf, await world.add(entityId), place));
      return 'add';
    }
    case 'ready': {
      const row = pick(rows.filter(({ status }) => status === 'pending'));
      if (row !== undefined) await world.ready(row.id);
      return `ready ${row?.id}`;
    }
    case 'fail': {
      const row = pick(rows.filter(({ status }) => status === 'pending'));
      if (row !== undefined)
        await transact(
          world.db,
          async (tx) =>
            await failProcessing(tx, {
              assetId: row.id,
              jobId: newJobId(),
              attempts: 1,
              error: { code: 'corrupt_media', message: 'broken', retryable: false },
            }),
        );
      return `fail ${row?.id}`;
    }
    case 'retry': {
      const row = pick(alive.filter(({ status, review }) => status === 'failed' || review === 'failed'));
      if (row !== undefined && (await retryReview(ctx, { id: row.id })) === null) await retryProcessing(ctx, { id: row.id, anyway: true });
      return `retry ${row?.id}`;
    }
    case 'replace': {
      const row = pick(alive);
      if (row === undefined) return 'replace nothing';
      remember(placeOf, await world.add(entityId, row.id), placeIn(row));
      return `replace ${row.id}`;
    }
    case 'delete': {
      const row = pick(alive);
      if (row === undefined) return 'delete nothing';
      const isNow = b % 7 === 0;
      await deleteMedia(ctx, { id: row.id, ...(isNow ? { purge: 'now' as const } : {}) });
      if (row.replaces === null) occupied.delete(placeIn(row));
      return `delete ${row.id}${isNow ? ' now' : ''}`;
    }
    case 'restore': {
      const row = pick(rows.filter(({ deleted_at }) => deleted_at !== null));
      if (row === undefined) return 'restore nothing';
      await restoreMedia(ctx, { id: row.id });
      if (row.replaces === null) occupied.add(placeIn(row));
      return `restore ${row.id}`;
    }
    case 'sync': {
      const { etag } = await readEntityMedia(ctx, world.entity(entityId));
      const standing = alive.filter(({ replaces }) => replaces === null);
      const listed = standing.filter((_, index) => (b + index) % 5 !== 0).toSorted((x, y) => ((a * x.sort_order + b) % 7) - ((a * y.sort_order + b) % 7));
      const synced = await syncEntityMedia(ctx, {
        ...world.entity(entityId),
        ifMatch: etag,
        items: listed.map(({ id }, index) => ({ id, ...(index === a % 4 ? { purpose: 'profile' } : {}) })),
      });
      for (const row of standing) if (!listed.includes(row)) occupied.delete(placeIn(row));
      const orders = [...synced.media, ...synced.tray].filter(({ replaces }) => replaces === null).map(({ sortOrder }) => sortOrder);
      expect(
        orders.toSorted((x, y) => x - y),
        'a sync leaves a dense order',
      ).toEqual(listed.map((_, index) => index));
      return `sync ${listed.map(({ id }) => id).join(' ')}`;
    }
    case 'patch': {
      const row = pick(alive);
      if (row !== undefined) await patchMedia(ctx, { id: row.id, patch: b % 2 === 0 ? { purpose: 'profile' } : { altText: `said ${b}` } });
      return `patch ${row?.id}`;
    }
    case 'approve':
    case 'reject': {
      const row = pick(alive.filter(({ status }) => status === 'ready'));
      if (row !== undefined) await world.decide(row.id, kind === 'approve' ? 'approved' : 'rejected');
      return `${kind} ${row?.id}`;
    }
    case 'failReview': {
      const row = pick(alive.filter(({ review }) => review === 'queued'));
      if (row !== undefined)
        await transact(
          world.db,
          async (tx) => await endReview(ctx, tx, { assetId: row.id, jobId: newJobId(), attempts: 1, error: { code: 'unavailable', message: 'away' } }),
        );
      return `failReview ${row?.id}`;
    }
    case 'gateOn':
      await world.setPolicy({ photoReviewEnabled: true });
      return 'gateOn';
    case 'grandfather':
      await world.setPolicy({ photoReviewEnabled: true }, 'grandfather');
      return 'grandfather';
    case 'gateOff':
      await world.setPolicy({ photoReviewEnabled: false });
      return 'gateOff';
    case 'wait':
      world.time.now = new Date(world.time.now.getTime() + (b % 40) * 1000);
      return 'wait';
    case 'purge':
      for (const row of rows) if (row.undo_until !== null && row.undo_until <= world.time.now) await purgeMedia(ctx, { assetId: row.id });
      return 'purge';
    default:
      return kind satisfies never;
  }
}

function checkStep(step: Step, before: readonly Row[], after: readonly Row[], { placeOf, occupied }: Memory, happened: readonly string[]): void {
  const story = happened.join('\n');
  const live = after.filter((row) => row.deleted_at === null && row.replaces === null);
  const waiting = after.filter((row) => row.deleted_at === null && row.replaces !== null);
  const places = live.map((row) => placeOf.get(row.id) ?? -1);
  expect(
    places.toSorted((x, y) => x - y),
    `one photo for each place that has one, after\n${story}`,
  ).toEqual([...occupied].toSorted((x, y) => x - y));
  expect(new Set(waiting.map(({ replaces }) => replaces)).size, `one waits for a place at most, after\n${story}`).toBe(waiting.length);
  const liveIds = new Set(live.map(({ id }) => id));
  expect(
    waiting.filter(({ replaces }) => !liveIds.has(replaces ?? '')),
    `what waits, waits for a photo that is there, after\n${story}`,
  ).toEqual([]);
  expect(live.filter(({ purpose }) => purpose === 'profile').length - waitingProfiles(live), `one profile, after\n${story}`).toBeLessThanOrEqual(1);
  expect(new Set(live.map(({ sort_order }) => sort_order)).size, `no two at one position, after\n${story}`).toBe(live.length);

  checkChanges(before, after, story);

  const shownBefore = new Set(before.filter(({ published }) => published).map((row) => placeOf.get(row.id)));
  const shownAfter = new Set(after.filter(({ published }) => published).map((row) => placeOf.get(row.id)));
  if (!mayHide.has(step.kind))
    expect(
      [...shownBefore].filter((place) => !shownAfter.has(place)),
      `nothing that was shown has gone, after\n${story}`,
    ).toEqual([]);
  if (!mayReorder.has(step.kind)) {
    const order = (rows: readonly Row[]): (number | undefined)[] =>
      rows.filter((row) => row.deleted_at === null && row.replaces === null).map((row) => placeOf.get(row.id));
    const common = new Set(order(before)).intersection(new Set(order(after)));
    const kept = (rows: readonly Row[]) => order(rows).filter((place) => common.has(place));
    expect(kept(after), `the order is as it was, after\n${story}`).toEqual(kept(before));
  }
}

/** Every change of an asset is in the tables from which docs/lifecycle.md is drawn. */
function checkChanges(before: readonly Row[], after: readonly Row[], story: string): void {
  const earlier = new Map(before.map((row) => [row.id, row]));
  const later = new Map(after.map((row) => [row.id, row]));
  for (const id of new Set([...earlier.keys(), ...later.keys()])) {
    const [was, is] = [earlier.get(id), later.get(id)];
    const told: [string, readonly Change<string>[], (row: Row) => string][] = [
      ['status', statusChanges, ({ status }) => status],
      ['review', reviewChanges, ({ review }) => review],
      ['place', placeChanges, standingOf],
    ];
    for (const [what, changes, stateOf] of told) {
      const [from, to] = [was === undefined ? 'none' : stateOf(was), is === undefined ? 'none' : stateOf(is)];
      // A purge removes status and review together with their asset.
      if (from === to || (what !== 'place' && to === 'none')) continue;
      const isTold = changes.some((change) => change.from === from && change.to === to) || throughTwo(changes, from, to);
      expect(isTold, `${what}: ${from} → ${to} of ${id}, after\n${story}`).toBe(true);
    }
  }
}

/** One step may be two changes: uploaded and shown at once, restored and in place at once. */
const throughTwo = (changes: readonly Change<string>[], from: string, to: string): boolean =>
  changes.some((first) => first.from === from && changes.some((second) => second.from === first.to && second.to === to));

/** Uploaded as a profile picture and not shown yet: the previous one keeps that purpose until then. */
const waitingProfiles = (live: readonly Row[]): number => Math.max(0, live.filter(({ purpose, published }) => purpose === 'profile' && !published).length - 1);

/** All ways of reading agree on the published media and their order. */
export async function checkReads(world: World, entityId: string, rows: readonly Row[], happened: readonly string[]): Promise<void> {
  const story = happened.join('\n');
  const published = rows.filter((row) => row.published).map(({ id }) => id);
  const publicly = { ...world.ctx, actor: anonymous };
  const gallery = await readEntityMedia(publicly, world.entity(entityId));
  expect(
    gallery.media.map(({ id }) => id),
    `the public gallery, after\n${story}`,
  ).toEqual(published);
  expect(gallery.tray).toEqual([]);
  const owners = await readEntityMedia(world.ctx, world.entity(entityId));
  expect(
    owners.media.map(({ id }) => id),
    `the owner's gallery, after\n${story}`,
  ).toEqual(published);
  expect(owners.tray.map(({ id }) => id).toSorted(), `the tray, after\n${story}`).toEqual(
    rows
      .filter((row) => row.deleted_at === null && !row.published)
      .map(({ id }) => id)
      .toSorted(),
  );
  const cover = gallery.media.find(({ purpose }) => purpose === 'profile');
  expect(gallery.profileImageURL, `the cover, after\n${story}`).toBe(cover?.src ?? null);
  const reader: Actor = { id: 'somebody', scopes: new Set(['media:read']) };
  const library = await listMedia({ ...world.ctx, actor: reader }, { entity: `thing/${entityId}`, collection: world.name, limit: 200 });
  expect(library.media.map(({ id }) => id).toSorted(), `the library, after\n${story}`).toEqual(published.toSorted());
  const isOpen = async (read: Promise<unknown>): Promise<boolean> =>
    await read.then(
      () => true,
      () => false,
    );
  const reads = await Promise.all(
    rows.map(async ({ id, token }) => ({
      id,
      record: await isOpen(readMedia(publicly, { id })),
      delivery: await isOpen(findDelivery(publicly, { token })),
      view: await isOpen(findMediaDelivery(publicly, { mediaId: id, disposition: 'inline' })),
      download: await isOpen(findMediaDelivery(publicly, { mediaId: id, disposition: 'attachment' })),
      owners: await isOpen(findDelivery(world.ctx, { token })),
    })),
  );
  expect(reads, `record and delivery of each, after\n${story}`).toEqual(
    rows.map(({ id, published: is, deleted_at, token }) => ({
      id,
      record: is,
      delivery: is,
      view: is,
      download: is,
      owners: deleted_at === null && token !== '',
    })),
  );
  await checkDoors(world, rows, story);
  const own = await listMedia(world.ctx, { entity: `thing/${entityId}`, collection: world.name, limit: 200 });
  const isHere = rows.filter((row) => row.deleted_at === null);
  expect(own.media.map(({ id, published: is }) => `${id} ${is}`).toSorted(), `the owner's library, after\n${story}`).toEqual(
    isHere.map((row) => `${row.id} ${row.published}`).toSorted(),
  );
  const collection = collectionNamed(world.ctx.site.collections, world.name);
  const { items } = await readAllowance(world.db, world.ctx.actor, collection, { type: 'thing', id: entityId });
  expect(items, `what counts against maxItems, after\n${story}`).toBe(isHere.filter(({ replaces }) => replaces === null).length);
  const told = await shownByEvents(world, entityId);
  expect(told, `who followed the events, after\n${story}`).toEqual({ byName: published.toSorted(), byRecord: published.toSorted() });
}

/**
 * Buyers' URLs open for anybody who proves the purchase, published or not, and for nobody else; a signed URL opens an existing file for anybody. The
 * grant is removed again, because bought files are kept.
 * The grant is undone again, because what is bought is kept.
 */
async function checkDoors(world: World, rows: readonly Row[], story: string): Promise<void> {
  const undone = new Error('undone');
  const { signing } = world.ctx.site;
  const grant = { id: randomUUID(), transaction: `order-${randomUUID()}`, generation: 1 };
  const opens = async (read: Promise<unknown>): Promise<boolean> =>
    await read.then(
      () => true,
      (error: unknown) => {
        if (error instanceof SafelightError) return false;
        throw error;
      },
    );
  const trying = world.db.transaction().execute(async (tx) => {
    await tx
      .insertInto('grant_')
      .values({ ...grant, request: '', created_by: 'shop' })
      .execute();
    if (rows.length > 0)
      await tx
        .insertInto('grant_asset')
        .values(rows.map(({ id }, position) => ({ grant_id: grant.id, asset_id: id, position })))
        .execute();
    // The code under test queries the database outside a transaction; here it runs inside the one that is rolled back.
    const ctx = { ...world.ctx, site: { ...world.ctx.site, db: tx as unknown as Db }, actor: anonymous };
    const access = accessTokenOf(signing, grant);
    const door = async (mediaId: string, proof: string | undefined, transaction = grant.transaction) =>
      await opens(findGranted(ctx, { transaction, mediaId, role: undefined, access: proof }));
    for (const { id, deleted_at: deleted, token } of rows) {
      for (const wrong of [undefined, '', `2${access.slice(1)}`, `${access.slice(0, -1)}~`])
        expect(await door(id, wrong), `${id} to a stranger, after\n${story}`).toBe(false);
      expect(await door(id, access, 'order-of-nobody'), `${id} by another number, after\n${story}`).toBe(false);
      if (deleted === null) expect(await door(id, access), `${id} to its buyer, after\n${story}`).toBe(true);
      const of = { mediaId: id, role: 'source', disposition: 'attachment', grantId: null, address: null } as const;
      const signed = async (signature: string) =>
        await opens(
          findMediaDelivery(ctx, {
            mediaId: id,
            disposition: 'attachment',
            shown: { signature, role: 'source', disposition: 'attachment', address: null, caller: '' },
          }),
        );
      const until = new Date(world.time.now.getTime() + 60_000);
      if (deleted === null) expect(await signed(signAddress(signing, of, until)), `${id} by a signed address, after\n${story}`).toBe(true);
      expect(await signed(signAddress(signing, { ...of, mediaId: grant.id }, until)), `${id} by an address of another, after\n${story}`).toBe(false);
      // A picture has no stream.
      expect(await opens(findDelivery(ctx, { token, stream: signing.sign(assetStream, [id], until) })), `${id} as a stream, after\n${story}`).toBe(
        rows.find((row) => row.id === id)?.published ?? false,
      );
    }
    await tx
      .updateTable('grant_')
      .set({ revoked_at: new Date(0) })
      .where('id', '=', grant.id)
      .execute();
    for (const { id } of rows) expect(await door(id, access), `${id} of a purchase that is revoked, after\n${story}`).toBe(false);
    throw undone;
  });
  await expect(trying).rejects.toBe(undone);
}

/**
 * What a follower that has received every event of an entity believes to be visible: by the names of the events alone, and by the record in each of
 * them. Both must equal what can be read.
 */
export async function shownByEvents(world: World, entityId: string): Promise<{ byName: string[]; byRecord: string[] }> {
  const { db, name, ctx } = world;
  const shard = shardOf(ctx.actor.id);
  const [byName, byRecord] = [new Set<string>(), new Set<string>()];
  let seq = world.since.get(entityId) ?? 0;
  for (;;) {
    const events = await readAfter(db, [{ shard, seq }], 1_000);
    const last = events.at(-1);
    if (last === undefined) return { byName: [...byName].toSorted(), byRecord: [...byRecord].toSorted() };
    seq = last.seq;
    for (const event of events) {
      if (event.collection !== name || event.entity?.id !== entityId || event.mediaId === null) continue;
      if (event.name === 'media_published' || event.name === 'media_replaced') byName.add(event.mediaId);
      if (event.name === 'media_unpublished' || event.name === 'media_purged') byName.delete(event.mediaId);
      const result = event.payload['result'] as { media?: unknown } | undefined;
      const media = (event.payload['media'] ?? result?.media) as { id: string; published?: boolean } | undefined;
      if (media?.published === true) byRecord.add(media.id);
      else if (media !== undefined) byRecord.delete(media.id);
    }
  }
}

/** The ledger has exactly the objects of the assets. */
async function checkLedger(world: World, happened: readonly string[]): Promise<void> {
  const stray = await world.db
    .selectFrom('object')
    .select(['key', 'state'])
    .where('location', '=', world.name)
    .where('asset_id', 'is', null)
    .where('state', '=', 'stored')
    .execute();
  expect(stray, `the ledger, after\n${happened.join('\n')}`).toEqual([]);
}
