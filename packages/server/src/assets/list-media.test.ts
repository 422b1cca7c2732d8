import { sql } from 'kysely';

import { beforeAll, expect, test } from 'vitest';

import { testUploads, type TestUploads } from '../../test/support/uploads.ts';
import { listMedia, type MediaListQuery } from './list-media.ts';

const many = 3_000;
let uploads: TestUploads;

beforeAll(async () => {
  uploads = await testUploads();
  await sql`insert into asset (id, collection, owner_id, kind, purpose, status, original_file_name, mime_type, byte_size, sort_order)
    select ('01900000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid, 'user.library', 'bea', 'image', 'library', case when n % 1000 = 0 then 'failed' else 'ready' end, 'a.jpg', 'image/jpeg', 1, n
    from generate_series(1, ${many}) as n`.execute(uploads.ctx.db);
  await sql`insert into object (id, provider, location, key, state, role, asset_id, bytes)
    select gen_random_uuid(), 'filesystem', 'main', 'media/bea/' || id || '/' || case when sort_order = 7 then 'seven/' else '' end || 'a.jpg', 'stored', 'source', id, 1 from asset`.execute(
    uploads.ctx.db,
  );
  await sql`analyze asset`.execute(uploads.ctx.db);
  await sql`analyze object`.execute(uploads.ctx.db);
});

/** What a list answers, and how many rows of assets Postgres has read for it. */
async function listed(query: Partial<MediaListQuery>, scopes: readonly ('media:read' | 'media:manage')[] = ['media:read']) {
  const actor = { id: 'bea', scopes: new Set(scopes) };
  return await uploads.ctx.db.transaction().execute(async (tx) => {
    const read = async (): Promise<number> => {
      const { rows } = await sql<{
        read: string;
      }>`select seq_tup_read + coalesce(idx_tup_fetch, 0) as read from pg_stat_xact_user_tables where relname = 'asset'`.execute(tx);
      return Number(rows[0]?.read ?? 0);
    };
    const before = await read();
    const { media, nextCursor } = await listMedia({ ...uploads.ctx, db: tx, actor }, { limit: 20, ...query });
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

test('a list of what is rare or frequent is the newest of it, and reads about as many as it answers', async () => {
  const few = expect.toSatisfy((read: number) => read < 500);
  expect(await listed({ status: 'failed' })).toEqual({ found: 3, newest: 3000, goesOn: false, read: few });
  expect(await listed({ kind: 'image' })).toEqual({ found: 20, newest: 3000, goesOn: true, read: few });
  expect(await listed({ kind: 'image', status: 'ready' }, ['media:manage'])).toEqual({ found: 20, newest: 2999, goesOn: true, read: few });
  expect(await listed({ prefix: 'media/bea' })).toEqual({ found: 20, newest: 3000, goesOn: true, read: few });
  expect(await listed({})).toEqual({ found: 20, newest: 3000, goesOn: true, read: few });
});

test('a prefix of few is looked up by their keys, also together with a kind', async () => {
  const { rows } = await sql<{ id: string }>`select id from asset where sort_order = 7`.execute(uploads.ctx.db);
  const prefix = `${rows[0]?.id}/seven`;
  expect(await listed({ prefix })).toMatchObject({ found: 1, newest: 7, read: expect.toSatisfy((read: number) => read < 100) });
  expect(await listed({ prefix, kind: 'image' })).toMatchObject({ found: 1, newest: 7 });
  expect(await listed({ prefix, kind: 'video' })).toMatchObject({ found: 0 });
});
