import { randomUUIDv7 } from 'node:crypto';

import { sql } from '#kysely';
import { expect, test } from 'vitest';

import { anonymous } from '../http/authenticate.ts';
import { testDatabase } from '../../test/support/database.ts';
import { openWorld } from '../../test/support/lifecycle.ts';
import { readEntityMedia } from './read-entity-media.ts';

const { db, pool } = await testDatabase();

test('reads five hundred photos and their variants with as many statements as one', async () => {
  const world = await openWorld(db);
  const read = async (entityId: string, actor = world.ctx.actor) => {
    let statements = 0;
    // Outside a transaction each statement takes a connection.
    const count = (): void => void (statements += 1);
    pool.on('acquire', count);
    const { media } = await readEntityMedia({ ...world.ctx, actor }, world.entity(entityId));
    pool.off('acquire', count);
    return { statements, media };
  };
  await sql`
    with many as (
      insert into asset (id, collection, entity_type, entity_id, owner_id, kind, purpose, status, original_file_name, mime_type, byte_size, sort_order)
      select uuidv7(), ${world.name}, 'thing', case when n = 0 then 'one' else 'many' end, 'ada', 'image', 'gallery', 'ready', 'photo.jpg', 'image/jpeg', 1, 500 - n
      from generate_series(0, 500) n returning id
    )
    insert into object (id, provider, location, key, state, role, asset_id, token, bytes, mime_type, width, height)
    select gen_random_uuid(), 'mocked', ${world.name}, many.id || '/' || role, 'stored', role, many.id, gen_random_uuid()::text, 1, 'image/webp', 100, 100
    from many, unnest(array['preview', 'thumbnail']) role`.execute(db);
  const [one, many] = [await read('one'), await read('many')];
  expect(many.statements).toBe(one.statements);
  expect(many.media).toHaveLength(500);
  expect(many.media.map(({ sortOrder }) => sortOrder)).toEqual(Array.from({ length: 500 }, (_, n) => n));
  expect(many.media.every(({ variants }) => Object.keys(variants).length === 2)).toBe(true);
  expect((await read('many', anonymous)).statements, 'the photos, and the rules').toBe(2);
});

test('a reader whose signed addresses expire gets new ones instead of 304, without a conflict for those who edit', async () => {
  const world = await openWorld(db);
  const [id, token] = [randomUUIDv7(), randomUUIDv7()];
  await sql`
    insert into asset (id, collection, entity_type, entity_id, owner_id, kind, purpose, status, review, original_file_name, mime_type, byte_size, sort_order)
    values (${id}, ${world.name}, 'thing', 'signed', ${world.ctx.actor.id}, 'image', 'gallery', 'ready', 'rejected', 'photo.jpg', 'image/jpeg', 1, 0)`.execute(
    db,
  );
  await sql`
    insert into object (id, provider, location, key, state, role, asset_id, token, bytes, mime_type, width, height)
    values (${randomUUIDv7()}, 'mocked', ${world.name}, ${token}, 'stored', 'preview', ${id}, ${token}, 1, 'image/webp', 100, 100)`.execute(db);
  const readAt = async (hour: number): Promise<string[]> => {
    const urls = { ...world.ctx.site.urls, signedArtifact: (of: string) => `/media/${of}?signature=${hour}` };
    const { tray, etag } = await readEntityMedia({ ...world.ctx, site: { ...world.ctx.site, urls } }, world.entity('signed'));
    expect(tray).toMatchObject([{ src: `/media/${token}?signature=${hour}` }]);
    return etag.split('.');
  };
  const [[edited, seen], sameHour, [editedLater, seenLater]] = [await readAt(1), await readAt(1), await readAt(2)];
  expect(sameHour).toEqual([edited, seen]);
  expect(editedLater).toBe(edited);
  expect(seenLater).not.toBe(seen);
});
