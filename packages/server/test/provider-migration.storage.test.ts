import { createHash, randomBytes } from 'node:crypto';
import path from 'node:path';
import { setImmediate } from 'node:timers/promises';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { systemClock } from '../src/lib/clock.ts';
import { createLog } from '../src/lib/log.ts';
import { findDiscrepancies } from '../src/reconcile/find-discrepancies.ts';
import { migrateObjects } from '../src/reconcile/migrate-objects.ts';
import type { MoveContext } from '../src/reconcile/move-object.ts';
import { openFilesystemStore } from '../src/storage/filesystem/open-filesystem-store.ts';
import { locatorOf } from '../src/storage/ledger.ts';
import { storeName } from '../src/storage/locator.ts';
import type { Store } from '../src/storage/store.ts';
import { storesOf } from '../src/storage/stores.ts';
import { sweepLedger } from '../src/storage/sweep-ledger.ts';
import { addArtifact, removeArtifacts, type Artifact } from './support/artifacts.ts';
import { testDatabase } from './support/database.ts';
import { startProvider, whyNoProvider, type RunningProvider } from './support/provider.ts';
import { temporaryDirectory } from './support/temporary-directory.ts';

/** A hundred assets show that it works; SAFELIGHT_MIGRATION_ASSETS=2000 shows that it keeps working. */
const count = Number(process.env['SAFELIGHT_MIGRATION_ASSETS'] ?? 100);
const reason = whyNoProvider('s3');
const { db } = await testDatabase({ max: 16 });
const sha256 = async (chunks: AsyncIterable<unknown>): Promise<string> => {
  const hash = createHash('sha256');
  for await (const chunk of chunks) hash.update(chunk as Buffer);
  return hash.digest('hex');
};

describe.skipIf(reason !== null)(`a product moves from S3 to Azure to files${reason === null ? '' : ` (skipped: ${reason})`}`, () => {
  let running: RunningProvider[] = [];
  beforeAll(async () => {
    running = await Promise.all([startProvider('s3'), startProvider('azure')]);
  });
  afterAll(async () => {
    for (const provider of running) await provider.stop();
  });

  test(
    `with ${count} assets, while a client uploads, reads and deletes: no read fails, counts and checksums are equal after`,
    { timeout: 900_000 },
    async () => {
      const [s3, azure] = running.map(({ final }) => final);
      if (!s3 || !azure) throw new Error('a provider has no final store');
      const files = await openFilesystemStore({ provider: 'filesystem', location: 'new', root: path.join(await temporaryDirectory(), 'objects') });
      const stores = storesOf([s3, azure, files], { staging: storeName(files), final: storeName(files) });
      const ctx: MoveContext = { site: { db, stores, clock: systemClock }, log: createLog({ level: 'silent' }), signal: new AbortController().signal };
      const alive = new Map<string, Artifact & { digest: string }>();
      const add = async (store: Store): Promise<void> => {
        const artifact = await addArtifact(db, store, randomBytes(2_000));
        alive.set(artifact.objectId, { ...artifact, digest: createHash('sha256').update(artifact.bytes).digest('hex') });
      };
      for (let made = 0; made < count; made += 20) await Promise.all(Array.from({ length: Math.min(20, count - made) }, async () => await add(s3)));

      const client = { busy: true, reads: 0, failures: [] as unknown[] };
      const reader = async (): Promise<void> => {
        while (client.busy) {
          for (const { objectId, digest } of Array.from(alive.values())) {
            if (!client.busy) return;
            await setImmediate();
            const read = await readByRow(ctx, objectId).catch((error: unknown) => error);
            // Deleted by the client between choosing and reading.
            if (!alive.has(objectId)) continue;
            client.reads += 1;
            if (read !== digest) client.failures.push(read);
          }
        }
      };
      const writer = async (to: Store): Promise<void> => {
        const victims = [...alive.values()].slice(0, Math.ceil(count / 10));
        for (const { objectId, assetId } of victims) {
          await add(to);
          alive.delete(objectId);
          await removeArtifacts(ctx, assetId);
        }
      };
      const reading = reader();
      const startedAt = performance.now();
      const move = async (from: Store, to: Store) => {
        const [during] = await Promise.all([migrateObjects(ctx, { from, to, graceSeconds: 600 }), writer(to)]);
        const rest = await migrateObjects(ctx, { from, to, graceSeconds: 600 });
        expect({ failures: [...during.failures, ...rest.failures], left: rest.left }).toEqual({ failures: [], left: 0 });
      };
      await move(s3, azure);
      await move(azure, files);
      const seconds = (performance.now() - startedAt) / 1000;
      client.busy = false;
      await reading;

      expect(client.failures).toEqual([]);
      expect(client.reads).toBeGreaterThan(0);
      for (const { objectId, digest } of alive.values()) expect(await readByRow(ctx, objectId)).toBe(digest);
      await db
        .updateTable('object')
        .set({ retry_at: new Date(0) })
        .where('state', '=', 'deleting')
        .execute();
      await sweepLedger(ctx);
      const counts = await Promise.all([s3, azure, files].map(async (store) => (await Array.fromAsync(keysOf(store))).length));
      expect(counts).toEqual([0, 0, alive.size]);
      expect(await Array.fromAsync(findDiscrepancies(ctx))).toEqual([]);
      process.stdout.write(`moved ${count} assets twice in ${seconds.toFixed(1)} s beside ${client.reads} reads, none of which failed\n`);
    },
  );
});

/** Reads like a viewer: from wherever the row points at that moment. */
async function readByRow({ site: { stores } }: MoveContext, objectId: string): Promise<string> {
  const row = await db.selectFrom('object').selectAll().where('id', '=', objectId).executeTakeFirstOrThrow();
  const object = await stores.of(locatorOf(row)).get(row.key);
  if (object === null) throw new Error(`no object at ${row.location}/${row.key}`);
  return await sha256(object.body);
}

async function* keysOf(store: Store): AsyncGenerator<string> {
  let cursor: string | null = null;
  do {
    const page: Awaited<ReturnType<Store['list']>> = await store.list(cursor === null ? {} : { cursor });
    yield* page.objects.map(({ key }) => key);
    cursor = page.cursor;
  } while (cursor !== null);
}
