import standard from '../safelight.config.ts';
import type { SyncContext } from '../packages/server/src/collections/sync-entity-media.ts';
import { fileSchema } from '../packages/server/src/config-schema.ts';
import { systemClock } from '../packages/server/src/lib/clock.ts';
import { systemActor, type Db } from '../packages/server/src/lib/context.ts';
import { openDatabase } from '../packages/server/src/lib/database.ts';
import type { Log } from '../packages/server/src/lib/log.ts';
import { createSigning } from '../packages/server/src/lib/signing.ts';
import { migrate } from '../packages/server/src/lib/migrate.ts';
import { ceilingsSchema } from '../packages/server/src/policy/ceilings.ts';
import type { Collections } from '../packages/server/src/policy/collection.ts';
import type { PolicyContext } from '../packages/server/src/review/change-policy.ts';
import { openStores } from '../packages/server/src/storage/stores.ts';
import { seedPolicies } from '../packages/server/src/policy/seed-policies.ts';
import type { GateContext } from '../packages/server/src/review/announce-gate-change.ts';

export type Library = { db: Db; ctx: SyncContext & PolicyContext & GateContext; close(): Promise<void> };
export type LibraryOptions = {
  connection: string;
  log: Log;
  /** Photos of listings, and the same number in the library of one owner. */
  assets: number;
  perEntity: number;
  /** How many of the photos wait for a moderator, behind a closed gate; the others are approved. */
  waiting: number;
};

const photo = `'bench', 'image', 'gallery', 'ready', 'photo.jpg', 'image/jpeg', 1`;
const photoColumns = 'owner_id, kind, purpose, status, original_file_name, mime_type, byte_size, sort_order';

/** A database with the records of a library and no bytes, and the context of use cases that need none. */
export async function openLibrary({ connection, log, assets, perEntity, waiting }: LibraryOptions): Promise<Library> {
  const { db, pool, close } = openDatabase({ connection, log });
  await migrate(pool);
  const collections: Collections = new Map(Object.entries(fileSchema.parse(standard).collections).map(([name, collection]) => [name, { ...collection, name }]));
  await seedPolicies(db, collections);
  await pool.query(
    `insert into asset (id, collection, entity_type, entity_id, review, ${photoColumns})
    select uuidv7(), 'listing.photos', 'listing', (n / $1)::text, case when n % ($2 / $3) = 0 then 'queued'
      else 'approved' end, ${photo}, n % $1
    from generate_series(0, $2::int - 1) n`,
    [perEntity, assets, waiting],
  );
  await pool.query(`
    insert into object (id, provider, location, key, state, role, asset_id, token, bytes, mime_type, width, height)
    select gen_random_uuid(), 'mocked', 'bench', asset.id || '/' || role, 'stored', role, asset.id,
      gen_random_uuid()::text, 1, 'image/webp', 100, 100
    from asset, unnest(array['preview', 'thumbnail']) role`);
  await pool.query(
    `
    insert into asset (id, collection, ${photoColumns}) select uuidv7(), 'user.library', ${photo}, n
    from generate_series(1, $1::int) n`,
    [assets],
  );
  await pool.query(`
    update policy set rules = rules || '{"photoReviewEnabled": true, "photoReviewProvider": "manual"}'
    where collection = 'listing.photos'`);
  for (const table of ['asset', 'object', 'policy']) await pool.query(`vacuum analyze ${table}`);
  const stores = await openStores({ stores: [{ provider: 'mocked', location: 'bench' }], roles: { staging: 'mocked:bench', final: 'mocked:bench' } });
  const ctx: Library['ctx'] = {
    actor: systemActor,
    log,
    signal: new AbortController().signal,
    site: {
      db,
      clock: systemClock,
      collections,
      stores,
      ceilings: ceilingsSchema.parse({}),
      uploadExpirySeconds: 3600,
      scan: null,
      baseURL: 'http://localhost',
      signing: createSigning([{ id: 'bench', secret: 's'.repeat(32) }]),
      unavailableTypes: [],
      purgesCdn: false,
      urls: {
        areOpen: () => true,
        artifact: (token) => `/media/${token}`,
        signedArtifact: (token) => `/media/${token}`,
        signedStream: (_id, token) => `/s/${token}`,
      },
    },
  };
  return { db, ctx, close: async () => void (await Promise.all([stores.close(), close()])) };
}
