import type { Overview } from '@safelight/contract/overview';
import { sql } from '#kysely';

import type { Db, DataSite } from '../lib/context.ts';
import { firstIdOf } from '../lib/first-id-of.ts';
import { failureCode } from './failure-code.ts';

type OverviewContext = { site: Pick<DataSite, 'db' | 'clock'> };

/** The figures are computed from whole tables, so requests in quick succession get the same answer. */
const freshForMs = 5_000;
const known = new WeakMap<Db, { at: number; overview: Promise<Overview> }>();

/** The state of the site: stored media, arrivals of the last day, waiting jobs, failures. Names no media. */
export async function readOverview(ctx: OverviewContext): Promise<Overview> {
  const now = ctx.site.clock.now();
  const before = known.get(ctx.site.db);
  if (before !== undefined && now.getTime() - before.at < freshForMs) return await before.overview;
  const overview = readFigures(ctx.site.db, now);
  known.set(ctx.site.db, { at: now.getTime(), overview });
  overview.catch(() => known.delete(ctx.site.db));
  return await overview;
}

async function readFigures(db: Db, now: Date): Promise<Overview> {
  const [collections, hours, lanes, failures, stores, single] = await Promise.all([
    readCollections(db),
    readHours(db, now),
    readLanes(db, now),
    rowsOf<Overview['failures'][number]>(
      db,
      sql`select ${failureCode} as code, count(*)::int as media from asset
        where status = 'failed' and deleted_at is null group by 1 order by 2 desc, 1 limit 20`,
    ),
    rowsOf<Overview['stores'][number]>(
      db,
      sql`
        select provider || ':' || location as store, count(*)::int as objects, coalesce(sum(bytes), 0)::float8 as bytes,
        count(*) filter (where state = 'writing')::int as writing,
        count(*) filter (where state = 'deleting')::int as deleting
        from object group by 1 order by 1`,
    ),
    readSingle(db, now),
  ]);
  const { queued, failed, uploads, events } = single;
  return {
    at: now.toISOString(),
    collections,
    hours,
    lanes,
    failures,
    stores,
    review: { queued, failed },
    uploadsOpen: uploads,
    eventsPerSecond: events / 60,
  };
}

/** Counts fit into a number exactly; sums of bytes come as float8, which is exact up to 9 PB. */
const rowsOf = async <Row>(db: Db, query: ReturnType<typeof sql<Row>>): Promise<Row[]> => (await query.execute(db)).rows;

const readCollections = async (db: Db): Promise<Overview['collections']> =>
  await rowsOf(
    db,
    sql`with counted as (
        select collection, count(*)::int as media, count(*) filter (where status = 'failed')::int as failed from asset
        where deleted_at is null group by 1
      ), shown as (select collection, count(*)::int as published from published_asset group by 1
      ), kept as (
        select asset.collection, count(*)::int as objects, coalesce(sum(object.bytes), 0)::float8 as bytes
        from object join asset on asset.id = object.asset_id where object.state = 'stored' group by 1
      )
      select policy.collection, coalesce(media, 0) as media, coalesce(published, 0) as published,
        coalesce(failed, 0) as failed,
        coalesce(objects, 0) as objects, coalesce(bytes, 0) as bytes
      from policy left join counted using (collection) left join shown using (collection)
      left join kept using (collection) order by 1`,
  );

const dayMs = 24 * 3_600_000;

async function readHours(db: Db, now: Date): Promise<Overview['hours']> {
  const rows = await rowsOf<{ hour: Date; uploads: number; published: number; failed: number }>(
    db,
    sql`
      with span as (select generate_series(date_trunc('hour', ${now}::timestamptz) - interval '23 hours',
        date_trunc('hour', ${now}::timestamptz), interval '1 hour') as hour
      ), came as (
        select date_trunc('hour', created_at) as hour, count(*)::int as uploads from asset
          where id >= ${firstIdOf(new Date(now.getTime() - dayMs))}::uuid and created_at >= (select min(hour) from span)
            and deleted_at is null
          group by 1
      ), shown as (
        select date_trunc('hour', lately.at) as hour, count(*)::int as published from (
          select media_id as id, max(at) as at from event
          where name = 'media_published' and at >= (select min(hour) from span) group by 1
        ) as lately join published_asset using (id) group by 1
      ), told as (
        select date_trunc('hour', at) as hour, count(*)::int as failed from event
          where at >= (select min(hour) from span) and name in ('upload_failed', 'processing_failed') group by 1
      )
      select hour, coalesce(uploads, 0) as uploads, coalesce(published, 0) as published, coalesce(failed, 0) as failed
      from span left join came using (hour) left join shown using (hour) left join told using (hour) order by hour`,
  );
  return rows.map((row) => ({ ...row, hour: row.hour.toISOString() }));
}

const readLanes = async (db: Db, now: Date): Promise<Overview['lanes']> =>
  await rowsOf(
    db,
    sql`
      select lane, count(*) filter (where state <> 'active')::int as waiting,
        count(*) filter (where state = 'active')::int as active,
        greatest(0, extract(epoch from
          ${now}::timestamptz - min(created_at) filter (where state = 'queued')))::float8 as "oldestSeconds"
      from job where state in ('queued', 'active', 'retrying') group by lane order by lane`,
  );

async function readSingle(db: Db, now: Date): Promise<{ queued: number; failed: number; uploads: number; events: number }> {
  const [row] = await rowsOf<{ queued: number; failed: number; uploads: number; events: number }>(
    db,
    sql`select
      (select count(*)::int from asset where review = 'queued' and deleted_at is null) as queued,
      (select count(*)::int from asset where review = 'failed' and deleted_at is null) as failed,
      (select count(*)::int from upload_session where state = 'open') as uploads,
      (select count(*)::int from event where at > ${now}::timestamptz - interval '60 seconds') as events`,
  );
  return row ?? { queued: 0, failed: 0, uploads: 0, events: 0 };
}
