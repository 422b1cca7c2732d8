import { randomUUID } from 'node:crypto';
import path from 'node:path';

import { readEntityMedia } from '../../packages/server/src/collections/read-entity-media.ts';
import { syncEntityMedia } from '../../packages/server/src/collections/sync-entity-media.ts';
import { startEmbeddedPostgres } from '../../packages/server/src/lib/embedded-postgres.ts';
import { newAssetId, newObjectId, newUploadId } from '../../packages/server/src/lib/ids.ts';
import { createLog } from '../../packages/server/src/lib/log.ts';
import { transact } from '../../packages/server/src/lib/transact.ts';
import { changePolicy } from '../../packages/server/src/review/change-policy.ts';
import { collectionNamed } from '../../packages/server/src/policy/collection.ts';
import { readPolicy } from '../../packages/server/src/policy/read-policy.ts';
import { claimReviews, releaseReviews } from '../../packages/server/src/review/claim-reviews.ts';
import { listQueue } from '../../packages/server/src/review/list-queue.ts';
import { announceGateChange } from '../../packages/server/src/review/announce-gate-change.ts';
import { registerAssets } from '../../packages/server/src/uploads/register-assets.ts';
import { insertSession, readSession } from '../../packages/server/src/uploads/session-rows.ts';
import { ratioFigure, type BenchOptions, type Figure, type Result } from '../figures.ts';
import { openLibrary, type Library } from '../library.ts';
import { newDatabase } from '../new-database.ts';

const perEntity = 20;
const eachRound = 20;
type Work = (library: Library, n: number) => Promise<unknown>;

/** The cost of reading and editing a collection, adding to a library and moderating, in a large library compared with a small one. */
export async function collections({ rounds, smoke, directory }: BenchOptions): Promise<Result> {
  const few = { assets: 1_000, waiting: 100 };
  const many = smoke ? { assets: 5_000, waiting: 1_000 } : { assets: 1_000_000, waiting: 100_000 };
  const log = createLog({ level: 'silent' });
  const postgres = await startEmbeddedPostgres({ dataDir: path.join(directory, 'postgres'), log });
  const libraries: Library[] = [];
  const open = async (name: string, size: typeof few): Promise<Library> => {
    const library = await openLibrary({ connection: await newDatabase(postgres.connectionString, name, log), log, perEntity, ...size });
    libraries.push(library);
    return library;
  };
  try {
    const [small, large] = [await open('small', few), await open('large', many)];
    const sizes = `${many.assets.toLocaleString('en')} assets against ${few.assets.toLocaleString('en')}`;
    const queues = `${many.waiting.toLocaleString('en')} waiting against ${few.waiting}`;
    const figures: Figure[] = [];
    for (const { what, goal, work } of worksOf({ sizes, queues, edited: await hundredItems([small, large]) }))
      figures.push(await compare({ small, large, rounds }, what, goal, work));
    figures.push(...(await turnGate(large, many.waiting)));
    return { name: 'collections', title: 'Collections and the review queue, as the library grows', figures };
  } finally {
    for (const library of libraries) await library.close();
    await postgres.stop();
  }
}

const worksOf = ({ sizes, queues, edited }: Record<'sizes' | 'queues' | 'edited', string>): { what: string; goal: number; work: Work }[] => [
  {
    what: `reading a gallery of ${perEntity}: ${sizes}`,
    goal: 1.2,
    work: async ({ ctx }, n) => await readEntityMedia(ctx, { type: 'listing', id: String(n % 50) }),
  },
  { what: `turning the order of 100 items round: ${sizes}`, goal: 1.2, work: async ({ ctx }) => await turnRound(ctx, edited) },
  { what: `registering an upload in an owner’s library: ${sizes}`, goal: 1.2, work: register },
  {
    what: `the first page of the moderators’ queue: ${queues}`,
    goal: 1.5,
    work: async ({ ctx }) => await listQueue({ ...ctx, site: { ...ctx.site, reviewPresets: [] } }, { review: 'queued', limit: 50 }),
  },
  { what: `claiming ten and giving them back: ${queues}`, goal: 1.5, work: claimAndRelease },
];

/** Alternating, so that other load affects both alike; the first round is not counted. */
async function compare({ small, large, rounds }: { small: Library; large: Library; rounds: number }, what: string, goal: number, work: Work): Promise<Figure> {
  const times: { small: number[]; large: number[] } = { small: [], large: [] };
  for (let round = 0; round <= rounds; round++) {
    for (const [name, library] of [
      ['small', small],
      ['large', large],
    ] as const) {
      const started = performance.now();
      for (let n = 0; n < eachRound; n++) await work(library, round * eachRound + n);
      if (round > 0) times[name].push((performance.now() - started) / eachRound);
    }
  }
  return ratioFigure(what, 'ms', times.large, times.small, goal);
}

async function turnGate(library: Library, waiting: number): Promise<Figure[]> {
  const opened = await timed(async () => await openGate(library));
  const teller = { ...library.ctx, job: { progress: () => undefined } };
  const told = await timed(async () => await announceGateChange(teller, { collection: 'listing.photos' }));
  return [
    { what: `opening the gate for ${waiting.toLocaleString('en')} photos, until all are shown`, unit: 'ms', value: opened },
    { what: 'telling of each of them, by a job', unit: 'ms', value: told },
  ];
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}

/** One entity with a hundred photos in each library, with the same name in both. */
async function hundredItems(libraries: readonly Library[]): Promise<string> {
  const entityId = randomUUID();
  const asset = { collection: 'listing.photos', entity_type: 'listing', entity_id: entityId, owner_id: 'bench', kind: 'image', purpose: 'gallery' } as const;
  const file = { status: 'ready', review: 'approved', original_file_name: 'photo.jpg', mime_type: 'image/jpeg', byte_size: 1 } as const;
  for (const { db } of libraries) {
    await db
      .insertInto('asset')
      .values(Array.from({ length: 100 }, (_, n) => ({ id: newAssetId(), ...asset, ...file, sort_order: n })))
      .execute();
  }
  return entityId;
}

async function turnRound(ctx: Library['ctx'], id: string): Promise<void> {
  const { media, etag } = await readEntityMedia(ctx, { type: 'listing', id });
  await syncEntityMedia(ctx, { type: 'listing', id, ifMatch: etag, items: media.toReversed().map((item) => ({ id: item.id })) });
}

/** The rows of one upload, from its session to its asset. */
async function register({ db, ctx }: Library): Promise<void> {
  const collection = collectionNamed(ctx.site.collections, 'user.library');
  const plan = {
    collection,
    entity: null,
    purpose: 'gallery',
    altText: null,
    sortOrder: null,
    rules: collection.policy,
    replaces: null,
    needsOwnEntity: false,
  };
  const [id, assetId, objectId] = [newUploadId(), newAssetId(), newObjectId()];
  const until = new Date(Date.now() + 3_600_000);
  await insertSession(db, {
    id,
    assetId,
    objectId,
    protocol: 'presigned',
    ownerId: 'bench',
    plan,
    fileName: 'photo.jpg',
    contentType: null,
    declaredBytes: 1,
    declaredSha256: null,
    locator: { provider: 'mocked', location: 'bench', key: assetId },
    expiresAt: until,
    leaseUntil: until,
  });
  const session = await readSession(db, id);
  if (session === undefined) throw new Error('a session is gone in the moment after it was written');
  const source = { objectId, key: assetId, bytes: 1, sha256: null };
  await transact(db, async (tx) => await registerAssets(tx, [{ session, sessionState: 'complete', kind: 'image', mimeType: 'image/jpeg', source }]));
}

async function claimAndRelease({ ctx }: Library, n: number): Promise<void> {
  const mine = { ...ctx, actor: { ...ctx.actor, id: `moderator ${n % 3}` } };
  await claimReviews(mine, { collection: 'listing.photos', limit: 10, seconds: 600 });
  await releaseReviews(mine, {});
}

async function openGate({ db, ctx }: Library): Promise<void> {
  const { collection, version: _, updatedAt: __, updatedBy: ___, ...rules } = await readPolicy(db, 'listing.photos');
  await changePolicy(ctx, { collection, rules: { ...rules, photoReviewEnabled: false } });
}
