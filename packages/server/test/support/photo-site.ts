import { randomBytes } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import path from 'node:path';

import { afterAll } from 'vitest';

import { noLimits } from '../../src/config-schema.ts';
import { systemActor } from '../../src/lib/context.ts';
import { newAssetId, newObjectId } from '../../src/lib/ids.ts';
import type { Kind } from '../../src/lib/schema.ts';
import { transact } from '../../src/lib/transact.ts';
import { ceilingsSchema } from '../../src/policy/ceilings.ts';
import { collectionSchema, type CollectionConfig } from '../../src/policy/collection.ts';
import { seedPolicies } from '../../src/policy/seed-policies.ts';
import { createEngines } from '../../src/processing/engine/find-engine.ts';
import { createPlaces } from '../../src/processing/image/slow-pictures.ts';
import { openDecoderPool } from '../../src/processing/image/decoder-pool.ts';
import { processJob, renewJob } from '../../src/processing/jobs.ts';
import type { ProcessingContext } from '../../src/processing/processing-context.ts';
import { bindArtifacts, reserveObjects } from '../../src/storage/ledger.ts';
import { openFilesystemStore } from '../../src/storage/filesystem/open-filesystem-store.ts';
import { storeName } from '../../src/storage/locator.ts';
import { storesOf } from '../../src/storage/stores.ts';
import type { TestDatabase } from './database.ts';
import { enqueueOne, jobInState, testContext, testWorker } from './jobs.ts';
import { temporaryDirectory } from './temporary-directory.ts';

/** Shared by a test file, because starting processes takes longer than most tests. */
const decoders = openDecoderPool({ size: 2, memoryBudgetBytes: 1e9, deadlineMs: 30_000 });
afterAll(async () => await decoders.close());

type ImageRules = NonNullable<CollectionConfig['image']>;
type GivenRules = Partial<Omit<ImageRules, 'outputs'>> & { outputs: readonly (Partial<ImageRules['outputs'][number]> & { role: string })[] };

/**
 * Photos of one collection whose rules a test may change, in a store of real files, with real decoders and a worker; `more` adds a collection of
 * recordings.
 */
export async function openPhotoSite(database: TestDatabase, rules: GivenRules, more: Pick<Partial<CollectionConfig>, 'kinds' | 'video' | 'audio'> = {}) {
  const { db } = database;
  const name = `photos.s${randomBytes(4).toString('hex')}`;
  const collections = new Map<string, CollectionConfig>();
  const setRules = (image: GivenRules, changed: typeof more = {}): void =>
    void collections.set(name, {
      ...collectionSchema.parse({
        entityType: null,
        kinds: ['image'],
        purposes: ['gallery'],
        ingest: 'queued',
        keepSource: true,
        visibility: 'public',
        gate: 'none',
        image: {
          blur: true,
          ...image,
          outputs: image.outputs.map((output) => ({ maxSide: 60, format: 'webp', quality: 80, animated: false, ...output })),
        },
        policy: {
          batchSize: 20,
          maxBytes: 1e7,
          ...noLimits,
          acceptedTypes: ['*/*'],
          undoWindowSeconds: 60,
          photoReviewEnabled: false,
          photoReviewProvider: 'manual',
        },
        ...more,
        ...changed,
      }),
      name,
    });
  setRules(rules);
  await seedPolicies(db, collections);

  const root = path.join(await temporaryDirectory(), 'objects');
  const store = await openFilesystemStore({ provider: 'filesystem', location: name, root });
  const stores = storesOf([store], { staging: storeName(store), final: storeName(store) });
  const called = testContext(db, systemActor);
  const ctx = {
    ...called,
    site: {
      ...called.site,
      collections,
      urls: {
        areOpen: () => true,
        artifact: (token: string) => `/media/${token}`,
        signedArtifact: (token: string) => `/media/${token}?signature`,
        signedStream: (_assetId: string, token: string) => `/s/signature/${token}`,
      },
      purgesCdn: false,
      stores,
      ceilings: ceilingsSchema.parse({}),
      // A copy, so that a test can observe the stores of its site.
      decoders: { ...decoders },
      engines: createEngines({ ffmpeg: null, ffprobe: null, sandbox: 'auto', threads: 1 }),
      encoders: createPlaces(1),
    },
  } satisfies ProcessingContext;

  /** A ready photo, created like every upload: source stored and bound, then processed by a job. */
  async function add(bytes: Buffer, mimeType?: string): Promise<string> {
    const { id, jobId } = await begin(bytes, mimeType);
    await jobInState(db, jobId, 'complete', 100_000);
    return id;
  }
  async function begin(bytes: Buffer, mimeType = 'image/jpeg'): Promise<{ id: string; jobId: string }> {
    const [id, objectId] = [newAssetId(), newObjectId()];
    const key = `media/ada/${id}/source`;
    await reserveObjects(db, [{ ...storeOf(), key, id: objectId, role: 'source', leaseUntil: new Date(Date.now() + 60_000) }]);
    const stored = await store.put(key, bytes, { contentType: mimeType, bytes: bytes.length });
    await transact(db, async (tx) => {
      await tx
        .insertInto('asset')
        .values({
          id,
          collection: name,
          owner_id: 'ada',
          kind: kindOf(mimeType),
          purpose: 'gallery',
          status: 'pending',
          original_file_name: 'photo.jpg',
          mime_type: mimeType,
          byte_size: bytes.length,
          sort_order: 0,
        })
        .execute();
      await bindArtifacts(tx, id, [{ id: objectId, token: null, bytes: stored.bytes, sha256: stored.sha256, mimeType, width: null, height: null }]);
      await tx.updateTable('asset').set({ source_object_id: objectId }).where('id', '=', id).execute();
    });
    return { id, jobId: await enqueueOne(db, { type: 'process', data: { assetId: id } }) };
  }
  const storeOf = () => ({ provider: store.provider, location: store.location });

  const artifactsOf = async (assetId: string) =>
    await db.selectFrom('object').selectAll().where('asset_id', '=', assetId).where('role', '<>', 'source').orderBy('role').execute();
  const assetOf = async (assetId: string) => await db.selectFrom('asset').selectAll().where('id', '=', assetId).executeTakeFirstOrThrow();
  /** Differences between the ledger and the disk; empty if each row has its file and each file its row. */
  const disagreements = async (): Promise<string[]> => {
    const rows = await db.selectFrom('object').select(['key', 'state']).where('location', '=', name).execute();
    const files = (await readdir(root, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile() && !entry.name.startsWith('.'));
    const keys = new Set(files.map((file) => path.relative(root, path.join(file.parentPath, file.name)).split(path.sep).join('/')));
    return [
      ...rows.filter(({ key, state }) => state !== 'stored' || !keys.has(key)).map(({ key, state }) => `${state} ${key}`),
      ...[...keys].filter((key) => !rows.some((row) => row.key === key)).map((key) => `unknown ${key}`),
    ];
  };
  const startWorker = async (lanes: Parameters<typeof testWorker>[1]['lanes'] = { short: 4, poster: 1, long: 2 }) =>
    await testWorker(database, { site: ctx.site, lanes, handlers: { process: processJob, renew: renewJob } });
  return { ctx, name, db, store, add, begin, setRules, artifactsOf, assetOf, disagreements, startWorker };
}

function kindOf(mimeType: string): Kind {
  const [kind] = mimeType.split('/');
  return kind === 'video' || kind === 'audio' || kind === 'image' ? kind : 'file';
}
