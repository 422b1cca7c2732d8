import { randomUUID } from 'node:crypto';
import path from 'node:path';

import standard from '../../safelight.config.ts';
import { readEntityMedia } from '../../packages/server/src/collections/read-entity-media.ts';
import { syncEntityMedia, type SyncContext } from '../../packages/server/src/collections/sync-entity-media.ts';
import { fileSchema } from '../../packages/server/src/config-schema.ts';
import { systemClock } from '../../packages/server/src/lib/clock.ts';
import { systemActor } from '../../packages/server/src/lib/context.ts';
import { openDatabase } from '../../packages/server/src/lib/database.ts';
import { startEmbeddedPostgres } from '../../packages/server/src/lib/embedded-postgres.ts';
import { openLog } from '../../packages/server/src/lib/log.ts';
import { migrate } from '../../packages/server/src/lib/migrate.ts';
import type { Collections } from '../../packages/server/src/policy/collection.ts';
import { seedPolicies } from '../../packages/server/src/policy/seed-policies.ts';
import { listQueue } from '../../packages/server/src/review/list-queue.ts';
import { ratioFigure, type BenchOptions, type Figure, type Result } from '../figures.ts';

const perEntity = 20;

/** What it costs to read and edit a collection as the library around it grows, and to open the moderators' queue when much waits. */
export async function collections({ rounds, smoke, directory }: BenchOptions): Promise<Result> {
  const [few, many, waiting] = smoke ? [1_000, 5_000, 1_000] : [1_000, 1_000_000, 100_000];
  const log = openLog({ level: 'silent' });
  const postgres = await startEmbeddedPostgres({ dataDir: path.join(directory, 'postgres'), log });
  const { db, pool, close } = openDatabase({ connection: postgres.connectionString, log });
  try {
    await migrate(pool);
    const declared: Collections = new Map(Object.entries(fileSchema.parse(standard).collections).map(([name, collection]) => [name, { ...collection, name }]));
    await seedPolicies(db, declared);
    // What these use-cases ask of it; nothing here moves bytes or takes a place.
    const ctx = {
      actor: systemActor,
      db,
      log,
      clock: systemClock,
      signal: new AbortController().signal,
      collections: declared,
      unavailableTypes: [],
      purgesCdn: false,
      urls: { artifact: (token: string) => `/media/${token}`, signedArtifact: (token: string) => `/media/${token}` },
      takePlace: async () => [],
    } as unknown as SyncContext;

    const fill = async (from: number, to: number): Promise<void> => {
      await pool.query(
        `insert into asset (id, collection, entity_type, entity_id, owner_id, kind, purpose, status, original_file_name, mime_type, byte_size, sort_order)
        select gen_random_uuid(), 'listing.photos', 'listing', (n / ${perEntity})::text, 'bench', 'image', 'gallery', 'ready', 'photo.jpg', 'image/jpeg', 1, n % ${perEntity}
        from generate_series($1::int, $2::int) n`,
        [from, to - 1],
      );
      await pool.query(`insert into object (id, provider, location, key, state, role, asset_id, token, bytes, mime_type, width, height)
        select gen_random_uuid(), 'mocked', 'bench', asset.id || '/' || role, 'stored', role, asset.id, gen_random_uuid()::text, 1, 'image/webp', 100, 100
        from asset, unnest(array['preview', 'thumbnail']) role where not exists (select 1 from object where object.asset_id = asset.id)`);
      await pool.query(`vacuum analyze asset`);
      await pool.query(`vacuum analyze object`);
    };
    const timed = async (work: (n: number) => Promise<unknown>): Promise<number[]> => {
      const times: number[] = [];
      for (let round = 0; round <= rounds; round++) {
        const started = performance.now();
        for (let n = 0; n < 20; n++) await work(round * 20 + n);
        if (round > 0) times.push((performance.now() - started) / 20);
      }
      return times;
    };
    const gallery = async (n: number): Promise<unknown> => await readEntityMedia(ctx, { type: 'listing', id: String(n % (few / perEntity)) });

    await fill(0, few);
    const small = await timed(gallery);
    await fill(few, many);
    const large = await timed(gallery);
    const figures: Figure[] = [
      ratioFigure(`gallery of ${perEntity}, at ${many.toLocaleString('en')} assets against ${few.toLocaleString('en')}`, 'ms', large, small, 1.2),
    ];

    const entityId = randomUUID();
    await pool.query(
      `insert into asset (id, collection, entity_type, entity_id, owner_id, kind, purpose, status, original_file_name, mime_type, byte_size, sort_order)
      select gen_random_uuid(), 'listing.photos', 'listing', $1, 'bench', 'image', 'gallery', 'ready', 'photo.jpg', 'image/jpeg', 1, n from generate_series(0, 99) n`,
      [entityId],
    );
    const sync = await timed(async () => {
      const { media, etag } = await readEntityMedia(ctx, { type: 'listing', id: entityId });
      await syncEntityMedia(ctx, { type: 'listing', id: entityId, ifMatch: etag, items: media.toReversed().map(({ id }) => ({ id })) });
    });
    const read = await timed(async () => await readEntityMedia(ctx, { type: 'listing', id: entityId }));
    figures.push(ratioFigure('turning the order of 100 items round, against reading them', 'ms', sync, read));

    const queue = async (): Promise<unknown> => await listQueue(ctx, { review: 'queued', limit: 50 });
    await pool.query(`update asset set review = 'queued' where id in (select id from asset limit 100)`);
    const short = await timed(queue);
    await pool.query(`update asset set review = 'queued' where id in (select id from asset limit $1)`, [waiting]);
    await pool.query(`vacuum analyze asset`);
    const long = await timed(queue);
    figures.push(ratioFigure(`first page of the queue, with ${waiting.toLocaleString('en')} waiting against 100`, 'ms', long, short, 1.5));
    return { name: 'collections', title: 'Collections and the review queue, as the library grows', figures };
  } finally {
    await close();
    await postgres.stop();
  }
}
