import { sql } from '#kysely';

import { beforeAll, expect, test } from 'vitest';

import { testDatabase } from '../../test/support/database.ts';
import { testUploads, type TestUploads } from '../../test/support/uploads.ts';
import { firstIdOf } from '../lib/first-id-of.ts';
import { listMedia, type MediaListQuery } from './list-media.ts';
import { readOverview } from './read-overview.ts';

const many = 3_000;
let uploads: TestUploads;

beforeAll(async () => {
  uploads = await testUploads();
  await sql`insert into asset (id, collection, owner_id, kind, purpose, status, original_file_name, mime_type, byte_size, sort_order)
    select ('01900000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid, 'user.library', 'bea', 'image', 'library', case when n % 1000 = 0 then 'failed' else 'ready' end, 'a.jpg', 'image/jpeg', 1, n
    from generate_series(1, ${many}) as n`.execute(uploads.ctx.site.db);
  await sql`insert into object (id, provider, location, key, state, role, asset_id, bytes)
    select gen_random_uuid(), 'filesystem', 'main', 'media/bea/' || id || '/' || case when sort_order = 7 then 'seven/' else '' end || 'a.jpg', 'stored', 'source', id, 1 from asset`.execute(
    uploads.ctx.site.db,
  );
  await sql`analyze asset`.execute(uploads.ctx.site.db);
  await sql`analyze object`.execute(uploads.ctx.site.db);
});

/** Adds records with these names to the library of `cleo`; returns their ids. */
async function records(...all: { name: string; alt?: string; entity?: string; bytes?: number; deleted?: 'restorable' | 'over' }[]): Promise<string[]> {
  const ids: string[] = [];
  for (const { name, alt = null, entity = null, bytes = 1, deleted } of all) {
    const { rows } = await sql<{
      id: string;
    }>`insert into asset (id, collection, owner_id, entity_type, entity_id, kind, purpose, status, original_file_name, alt_text, mime_type, byte_size,
      sort_order, deleted_at, undo_until) values (('01910000-0000-7000-8000-' || lpad((select count(*) from asset)::text, 12, '0'))::uuid, 'user.library', 'cleo', ${entity === null ? null : 'listing'}, ${entity},
      'image', 'library', 'ready', ${name}, ${alt}, 'image/jpeg', ${bytes}, 1, ${deleted === undefined ? null : new Date(0)},
      ${deleted === undefined ? null : new Date(deleted === 'over' ? 1 : '9999-01-01')}) returning id`.execute(uploads.ctx.site.db);
    ids.push(rows[0]?.id ?? '');
  }
  return ids;
}

const cleo = { id: 'cleo', scopes: new Set(['media:read'] as const) };
const namesOf = async (query: Partial<MediaListQuery>) =>
  (await listMedia({ ...uploads.ctx, actor: cleo }, { limit: 20, ...query })).media.map(({ originalFileName }) => originalFileName);

/** What a list answers, and how many rows of assets Postgres has read for it. */
async function listed(query: Partial<MediaListQuery>, scopes: readonly ('media:read' | 'media:manage')[] = ['media:read']) {
  const actor = { id: 'bea', scopes: new Set(scopes) };
  return await uploads.ctx.site.db.transaction().execute(async (tx) => {
    const read = async (): Promise<number> => {
      const { rows } = await sql<{
        read: string;
      }>`select seq_tup_read + coalesce(idx_tup_fetch, 0) as read from pg_stat_xact_user_tables where relname = 'asset'`.execute(tx);
      return Number(rows[0]?.read ?? 0);
    };
    const before = await read();
    const { media, nextCursor } = await listMedia({ ...uploads.ctx, site: { ...uploads.ctx.site, db: tx }, actor }, { limit: 20, ...query });
    return { found: media.length, newest: media[0]?.sortOrder, goesOn: nextCursor !== null, read: (await read()) - before };
  });
}

test.each([
  [{ kind: 'video' }],
  [{ status: 'pending' }],
  [{ kind: 'image', status: 'processing' }],
  [{ collection: 'artist.images' }],
  [{ prefix: 'nowhere' }],
  [{ prefix: 'nowhere', kind: 'image' }],
] as const)('a list with %j, of which there is none, reads no media of a large library', async (query) => {
  expect(await listed(query)).toEqual({ found: 0, newest: undefined, goesOn: false, read: expect.toSatisfy((read: number) => read < 100) });
  expect(await listed(query, ['media:manage'])).toMatchObject({ found: 0, read: expect.toSatisfy((read: number) => read < 100) });
});

test('a list with a rare or a frequent filter has the newest matches, and reads about as many rows as it answers', async () => {
  const few = expect.toSatisfy((read: number) => read < 500);
  expect(await listed({ status: 'failed' })).toEqual({ found: 3, newest: 3000, goesOn: false, read: few });
  expect(await listed({ kind: 'image' })).toEqual({ found: 20, newest: 3000, goesOn: true, read: few });
  expect(await listed({ kind: 'image', status: 'ready' }, ['media:manage'])).toEqual({ found: 20, newest: 2999, goesOn: true, read: few });
  expect(await listed({ prefix: 'media/bea' })).toEqual({ found: 20, newest: 3000, goesOn: true, read: few });
  expect(await listed({})).toEqual({ found: 20, newest: 3000, goesOn: true, read: few });
});

test('failed media are listed by their reason, as the overview counts them', async () => {
  await sql`update asset set failure = '{"code": "file_too_large", "message": "", "retryable": false}' where sort_order = 2000`.execute(uploads.ctx.site.db);
  const few = expect.toSatisfy((read: number) => read < 100);
  expect(await listed({ failure: 'file_too_large' }, ['media:manage'])).toEqual({ found: 1, newest: 2000, goesOn: false, read: few });
  expect(await listed({ failure: 'internal', kind: 'image' })).toEqual({ found: 2, newest: 3000, goesOn: false, read: few });
  expect(await listed({ failure: 'internal', sort: 'oldest' })).toMatchObject({ found: 2, newest: 1000 });
  for (const query of [{ failure: 'corrupt_media' as const }, { failure: 'internal' as const, status: 'ready' as const }])
    expect(await listed(query)).toMatchObject({ found: 0 });
});

test('what is published is listed as the overview counts it: not what a gate holds, and not what waits to replace another', async () => {
  const few = expect.toSatisfy((read: number) => read < 500);
  expect(await listed({ published: 'true' }, ['media:manage'])).toEqual({ found: 20, newest: 2999, goesOn: true, read: few });
  expect(await listed({ published: 'true', kind: 'image', collection: 'user.library' })).toEqual({ found: 20, newest: 2999, goesOn: true, read: few });
  for (const query of [{ status: 'failed' }, { failure: 'internal' }, { deleted: 'true' }, { kind: 'video' }] as const) {
    expect(await listed({ published: 'true', ...query }), JSON.stringify(query)).toMatchObject({ found: 0 });
  }
  await sql`update asset set replaces = (select id from asset where sort_order = 2998) where sort_order = 2999`.execute(uploads.ctx.site.db);
  await sql`update asset set review = 'rejected' where sort_order = 2998`.execute(uploads.ctx.site.db);
  expect(await listed({ published: 'true' })).toMatchObject({ newest: 2997 });
  await sql`update asset set replaces = null, review = 'not_required' where sort_order in (2998, 2999)`.execute(uploads.ctx.site.db);
});

test('a list of what is published reads few media, whether a gate holds almost all of them or has let all pass', async () => {
  const { db } = uploads.ctx.site;
  const few = expect.toSatisfy((read: number) => read < 500);
  const isGated = async (on: boolean) =>
    await sql`update policy set rules = rules || jsonb_build_object('photoReviewEnabled', ${on}::boolean) where collection = 'user.library'`.execute(db);
  await isGated(true);
  await sql`update asset set review = 'approved' where sort_order in (5, 600, 1200, 1800, 2400)`.execute(db);
  await sql`analyze asset`.execute(db);
  for (const scope of ['media:read', 'media:manage'] as const) {
    expect(await listed({ published: 'true' }, [scope]), scope).toEqual({ found: 5, newest: 2400, goesOn: false, read: few });
    expect(await listed({ published: 'true', limit: 2 }, [scope]), scope).toMatchObject({ found: 2, newest: 2400, goesOn: true, read: few });
    expect(await listed({ published: 'true', collection: 'user.library', kind: 'video' }, [scope]), scope).toMatchObject({ found: 0, read: few });
    expect(await listed({ published: 'true', status: 'failed' }, [scope]), scope).toMatchObject({ found: 0, read: few });
  }
  await sql`update asset set review = 'approved'`.execute(db);
  await sql`vacuum analyze asset`.execute(db);
  for (const scope of ['media:read', 'media:manage'] as const) {
    expect(await listed({ published: 'true' }, [scope]), scope).toEqual({ found: 20, newest: 2999, goesOn: true, read: few });
  }
  await isGated(false);
  await sql`update asset set review = 'not_required'`.execute(db);
  await sql`vacuum analyze asset`.execute(db);
});

test('media of a time are listed from its beginning until before its end, and no others of a large library are read', async () => {
  const noon = '2030-01-01T12:00:00.000Z';
  for (const [minutes, kind] of [
    [0, 'image'],
    [30, 'video'],
    [60, 'image'],
  ] as const) {
    const at = new Date(Date.parse(noon) + minutes * 60_000);
    await sql`insert into asset (id, collection, owner_id, kind, purpose, status, original_file_name, mime_type, byte_size, sort_order, created_at)
      values (${firstIdOf(at)}::uuid, 'user.library', 'bea', ${kind}, 'library', 'ready', 'a.jpg', 'image/jpeg', 1, ${9000 + minutes}, ${at})`.execute(
      uploads.ctx.site.db,
    );
  }
  const few = expect.toSatisfy((read: number) => read < 100);
  const half = '2030-01-01T13:30:00+01:00';
  for (const scope of ['media:read', 'media:manage'] as const) {
    expect(await listed({ createdAfter: noon }, [scope])).toEqual({ found: 3, newest: 9060, goesOn: false, read: few });
    expect(await listed({ createdAfter: half }, [scope])).toMatchObject({ found: 2, newest: 9060, read: few });
    expect(await listed({ createdAfter: noon, createdBefore: half }, [scope])).toMatchObject({ found: 1, newest: 9000, read: few });
    expect(await listed({ createdAfter: noon, kind: 'image', status: 'ready' }, [scope])).toMatchObject({ found: 2, newest: 9060, read: few });
    expect(await listed({ createdAfter: '2030-02-01T00:00:00Z', kind: 'image' }, [scope])).toMatchObject({ found: 0, read: few });
  }
  expect(await listed({ createdAfter: noon, sort: 'oldest' })).toMatchObject({ found: 3, newest: 9000, read: few });
  await sql`delete from asset where created_at >= ${new Date(noon)}`.execute(uploads.ctx.site.db);
});

test('what was published lately, however old it is, is listed once and while it may be shown, as the overview counts it', async () => {
  const { db } = uploads.ctx.site;
  const few = expect.toSatisfy((read: number) => read < 100);
  const noon = '2030-01-01T12:00:00.000Z';
  for (const [seq, [order, minutes]] of [
    [9, -1],
    [8, 0],
    [7, 5],
    [7, 6],
    [6, 7],
  ].entries()) {
    await sql`insert into event (shard, seq, name, at, owner_id, media_id, payload)
      select 0, ${900_000 + seq}, 'media_published', ${new Date(Date.parse(noon) + (minutes ?? 0) * 60_000)}, 'bea', id, '{}'
      from asset where sort_order = ${order}`.execute(db);
  }
  await sql`update asset set review = 'rejected' where sort_order = 6`.execute(db);
  for (const scope of ['media:read', 'media:manage'] as const) {
    expect(await listed({ publishedAfter: noon }, [scope])).toEqual({ found: 2, newest: 8, goesOn: false, read: few });
    expect(await listed({ publishedAfter: noon, published: 'true', kind: 'image', limit: 1 }, [scope])).toMatchObject({ found: 1, goesOn: true, read: few });
    expect(await listed({ publishedAfter: noon, status: 'failed' }, [scope])).toMatchObject({ found: 0, read: few });
  }
  const { hours } = await readOverview({ site: { db, clock: { now: () => new Date(Date.parse(noon) + 23.5 * 3_600_000) } } });
  expect(hours[0]).toMatchObject({ hour: noon, published: 2 });
  await sql`update asset set review = 'not_required' where sort_order = 6`.execute(db);
});

test('a prefix with few matches is looked up by their keys, also together with a kind', async () => {
  const { rows } = await sql<{ id: string }>`select id from asset where sort_order = 7`.execute(uploads.ctx.site.db);
  const prefix = `${rows[0]?.id}/seven`;
  expect(await listed({ prefix })).toMatchObject({ found: 1, newest: 7, read: expect.toSatisfy((read: number) => read < 100) });
  expect(await listed({ prefix, kind: 'image' })).toMatchObject({ found: 1, newest: 7 });
  expect(await listed({ prefix, kind: 'video' })).toMatchObject({ found: 0 });
});

test('a search finds words and beginnings of words in names, alternative texts, owners and entities, and ids as a whole', async () => {
  const [first = ''] = await records(
    { name: 'IMG_20240131.JPG', alt: 'A red barn at dusk' },
    { name: 'SunsetBeach2.png', entity: '9f3a-b' },
    { name: 'Müller & Söhne.pdf', alt: 'x'.repeat(1900) },
  );
  expect(await namesOf({ q: 'img 2024' })).toEqual(['IMG_20240131.JPG']);
  expect(await namesOf({ q: '20240131' })).toEqual(['IMG_20240131.JPG']);
  expect(await namesOf({ q: 'DUSK barn' })).toEqual(['IMG_20240131.JPG']);
  expect(await namesOf({ q: 'beach' })).toEqual(['SunsetBeach2.png']);
  expect(await namesOf({ q: 'sunsetbeach2.png' })).toEqual(['SunsetBeach2.png']);
  expect(await namesOf({ q: '9f3a' })).toEqual(['SunsetBeach2.png']);
  expect(await namesOf({ q: 'listing/9f3a-b' })).toEqual(['SunsetBeach2.png']);
  expect(await namesOf({ q: 'söhne' })).toEqual(['Müller & Söhne.pdf']);
  expect(await namesOf({ q: 'x'.repeat(200) })).toEqual(['Müller & Söhne.pdf']);
  expect(await namesOf({ q: 'cleo', kind: 'image' })).toHaveLength(3);
  expect(await namesOf({ q: first })).toEqual(['IMG_20240131.JPG']);
  expect(await namesOf({ q: first.slice(0, 13) })).toHaveLength(3);
  for (const q of ['barn beach', 'usk', '9f3a-q', `'; drop table asset; --`, String.raw`\' | !zz`]) expect(await namesOf({ q }), q).toEqual([]);
  expect(await namesOf({ q: ' - ' }), 'no word narrows nothing').toHaveLength(3);
});

test('a search in a large library reads about as many media as it answers, whether the word is rare or frequent', async () => {
  const few = expect.toSatisfy((read: number) => read < 500);
  await sql`update asset set original_file_name = 'needle.jpg' where sort_order = 99 and owner_id = 'bea'`.execute(uploads.ctx.site.db);
  await sql`vacuum analyze asset`.execute(uploads.ctx.site.db);
  for (const scope of ['media:read', 'media:manage'] as const) {
    expect(await listed({ q: 'needle' }, [scope])).toEqual({ found: 1, newest: 99, goesOn: false, read: few });
    expect(await listed({ q: 'needle', status: 'ready' }, [scope])).toMatchObject({ found: 1, read: few });
    expect(await listed({ q: 'nothing like it' }, [scope])).toMatchObject({ found: 0, read: few });
  }
  expect(await listed({ q: 'jpg' }, ['media:manage'])).toMatchObject({ found: 20, goesOn: true });
  expect(await listed({ sort: 'oldest' })).toMatchObject({ found: 20, newest: 1, read: few });
  expect(await listed({ sort: 'name' }, ['media:manage'])).toMatchObject({ found: 20, read: few });
  expect(await listed({ sort: 'largest' }, ['media:manage'])).toMatchObject({ found: 20, read: few });
});

test('a page of all is planned once, whoever asks and however large the library is, and reads only what its owner has', async () => {
  const { db } = await testDatabase({ max: 1 });
  await sql`insert into asset (id, collection, owner_id, kind, purpose, status, original_file_name, mime_type, byte_size, sort_order)
    select ('01900000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid, 'user.library', case when n <= 5 then 'bea' else 'ada' end, 'image', 'library', 'ready', 'a.jpg', 'image/jpeg', 1, n
    from generate_series(1, 5000) as n`.execute(db);
  await sql`analyze asset`.execute(db);
  const page = async (owner: string, query: Partial<MediaListQuery> = {}, scope: 'media:read' | 'media:manage' = 'media:read') =>
    await listMedia({ ...uploads.ctx, site: { ...uploads.ctx.site, db }, actor: { id: owner, scopes: new Set([scope]) } }, { limit: 20, ...query });
  const rowsRead = async (): Promise<number> => {
    await sql`select pg_stat_force_next_flush()`.execute(db);
    const { rows } = await sql<{
      read: string;
    }>`select seq_tup_read + coalesce(idx_tup_fetch, 0) as read from pg_stat_user_tables where relname = 'asset'`.execute(db);
    return Number(rows[0]?.read);
  };
  for (const scope of ['media:read', 'media:manage'] as const) for (let time = 0; time < 20; time++) await page('ada', { limit: 10 + (time % 10) }, scope);
  const { rows: plans } = await sql<{ anew: string; kept: string }>`
    select custom_plans as anew, generic_plans as kept from pg_prepared_statements where statement like '%limit 25%'`.execute(db);
  expect(plans.map(({ anew, kept }) => [Number(anew), Number(kept)])).toEqual([
    [5, 11],
    [5, 11],
  ]);
  const before = await rowsRead();
  const { media, nextCursor } = await page('bea', { limit: 3 });
  expect(media.map(({ sortOrder }) => sortOrder)).toEqual([5, 4, 3]);
  expect((await page('bea', { limit: 3, ...(nextCursor === null ? {} : { cursor: nextCursor }) })).media.map(({ sortOrder }) => sortOrder)).toEqual([2, 1]);
  expect((await rowsRead()) - before).toBeLessThan(100);
  expect((await page('ada', { limit: 60 })).media.map(({ sortOrder }) => sortOrder)).toEqual(Array.from({ length: 60 }, (_, n) => 5_000 - n));
});

test.each(['newest', 'oldest', 'name', 'largest'] as const)('pages by %s follow each other without a gap and without a record twice', async (sort) => {
  await uploads.ctx.site.db.deleteFrom('asset').where('owner_id', '=', 'cleo').execute();
  await records(...['b.jpg', 'A.jpg', 'a.jpg', 'C.jpg', 'b.jpg', 'ä.jpg', 'a.jpg'].map((name, at) => ({ name, bytes: (at * 5) % 3 })));
  const whole = (await listMedia({ ...uploads.ctx, actor: cleo }, { limit: 20, sort })).media.map(({ id }) => id);
  const paged: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await listMedia({ ...uploads.ctx, actor: cleo }, { limit: 2, sort, ...(cursor === undefined ? {} : { cursor }) });
    paged.push(...page.media.map(({ id }) => id));
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
  expect(paged).toEqual(whole);
  expect(new Set(whole).size).toBe(7);
});

test('a cursor of another order is refused with a sentence, whatever is in it', async () => {
  const [id = ''] = await records({ name: 'a.jpg' });
  for (const inside of ['', id, `${id} `, `${id} x`, `${id} 1e9`, `${id} -1`, `${'x'.repeat(36)} 1`]) {
    const asking = listMedia({ ...uploads.ctx, actor: cleo }, { limit: 2, sort: 'largest', cursor: Buffer.from(inside).toString('base64url') });
    await expect(asking, inside).rejects.toMatchObject({ code: 'invalid_request' });
  }
});

test('deleted media that can be restored are listed on request, to their owners', async () => {
  await uploads.ctx.site.db.deleteFrom('asset').where('owner_id', '=', 'cleo').execute();
  await records({ name: 'gone.jpg', deleted: 'restorable' }, { name: 'over.jpg', deleted: 'over' }, { name: 'there.jpg' });
  expect(await namesOf({ deleted: 'true' })).toEqual(['gone.jpg']);
  expect(await namesOf({ deleted: 'true', q: 'gone', kind: 'image' })).toEqual(['gone.jpg']);
  expect(await namesOf({})).toEqual(['there.jpg']);
  const { media } = await listMedia({ ...uploads.ctx, actor: { ...cleo, id: 'dan' } }, { limit: 20, deleted: 'true' });
  expect(media).toEqual([]);
});
