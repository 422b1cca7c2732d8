import { readdir } from 'node:fs/promises';
import path from 'node:path';

import { afterAll } from 'vitest';

import { loadConfig } from '../../src/config.ts';
import type { Actor, Db } from '../../src/lib/context.ts';
import { createLog } from '../../src/lib/log.ts';
import { createSigning } from '../../src/lib/signing.ts';
import { seedPolicies } from '../../src/policy/seed-policies.ts';
import { createEngines } from '../../src/processing/engine/find-engine.ts';
import { createPlaces } from '../../src/processing/image/slow-pictures.ts';
import { openDecoderPool } from '../../src/processing/image/decoder-pool.ts';
import type { ProcessingContext } from '../../src/processing/processing-context.ts';
import { openStores, storesOf } from '../../src/storage/stores.ts';
import type { ResumableContext } from '../../src/uploads/hold-upload.ts';
import type { UploadContext } from '../../src/uploads/upload-context.ts';
import { testDatabase } from './database.ts';
import { temporaryDirectory } from './temporary-directory.ts';

const actor: Actor = { id: 'ada', scopes: new Set(['media:read', 'media:write', 'media:review', 'media:manage', 'media:admin']) };

export type TestUploads = {
  ctx: UploadContext & ProcessingContext;
  /** The clock of the context; a test may move it. */
  time: { now: Date };
  objects(): Promise<{ key: string; state: string }[]>;
  /** The keys of the objects in the store. */
  files(): Promise<string[]>;
};

/**
 * Everything that uploads and processing need, of real parts: the default collections, a filesystem store, decoders, and a database of its own unless
 * one is given. `namesAtOnce`: the store cannot name objects later, as buckets cannot.
 */
export async function testUploads(options: { db?: Db; namesAtOnce?: boolean } = {}): Promise<TestUploads> {
  const dataDir = await temporaryDirectory();
  const config = await loadConfig({ SAFELIGHT_DATA_DIR: dataDir }, path.resolve(import.meta.dirname, '../../../..'));
  const db = options.db ?? (await testDatabase()).db;
  await seedPolicies(db, config.collections);
  const log = createLog({ level: 'silent' });
  const opened = await openStores(config);
  const stores =
    options.namesAtOnce === true
      ? storesOf(
          opened.all().map(({ unnamed: _, ...store }) => store),
          config.roles,
        )
      : opened;
  const decoders = openDecoderPool({ size: 1, memoryBudgetBytes: 1e9, deadlineMs: 30_000, log });
  afterAll(async () => {
    await decoders.close();
    await stores.close();
  });
  const time = { now: new Date() };
  const ctx = {
    actor,
    log,
    signal: new AbortController().signal,
    site: {
      db,
      clock: { now: () => time.now },
      collections: config.collections,
      urls: {
        areOpen: () => true,
        artifact: (token: string) => `/media/${token}`,
        signedArtifact: (token: string) => `/media/${token}?signature`,
        signedStream: (_assetId: string, token: string) => `/s/signature/${token}`,
      },
      purgesCdn: false,
      ceilings: config.ceilings,
      uploadExpirySeconds: config.uploadExpirySeconds,
      stores,
      decoders,
      engines: createEngines({ ffmpeg: null, ffprobe: null, sandbox: 'auto', threads: 1 }),
      encoders: createPlaces(1),
      signing: createSigning(config.signingKeys),
      unavailableTypes: [],
      scan: null,
      baseURL: 'http://127.0.0.1:4700',
    },
  };
  return {
    ctx,
    time,
    objects: async () => await db.selectFrom('object').select(['key', 'state']).orderBy('key').execute(),
    async files() {
      const root = path.join(dataDir, 'objects');
      const found = await readdir(root, { recursive: true, withFileTypes: true });
      return found
        .filter((file) => file.isFile())
        .map((file) => path.relative(root, path.join(file.parentPath, file.name)))
        .toSorted();
    },
  };
}

/** For uploads that no other client uses: a client, and a callback that does nothing. */
export const resumableContext = ({ ctx }: TestUploads): ResumableContext => ({
  ...ctx,
  actor: { id: 'bea', scopes: new Set(['media:write']) },
  site: { ...ctx.site, holders: { add: () => () => undefined, ask: () => undefined } },
});
