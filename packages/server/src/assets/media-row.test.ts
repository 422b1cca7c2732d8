import { sql } from '#kysely';
import { expect, test } from 'vitest';

import { testDatabase } from '../../test/support/database.ts';
import { openWorld } from '../../test/support/lifecycle.ts';
import { selectMedia } from './media-row.ts';

const { db } = await testDatabase();

test('a page of records costs in proportion to its length, however many media are published', async () => {
  const world = await openWorld(db);
  await sql`
    insert into asset (id, collection, entity_type, entity_id, owner_id, kind, purpose, status, original_file_name, mime_type, byte_size, sort_order, review)
    select gen_random_uuid(), ${world.name}, 'thing', (n / 20)::text, 'ada', 'image', 'gallery', 'ready', 'p', 'image/jpeg', 1, n % 20, case when n % 5 = 0 then 'queued' else 'not_required' end
    from generate_series(1, 20000) n`.execute(db);
  await sql`analyze asset`.execute(db);
  const query = selectMedia(db)
    .where('asset.review', '=', 'queued')
    .where('asset.status', '=', 'ready')
    .where('asset.deleted_at', 'is', null)
    .orderBy('asset.id')
    .limit(51);
  const plan = await query.explain<{ 'QUERY PLAN': string }>(undefined);
  expect(plan.map((line) => line['QUERY PLAN']).join('\n')).not.toMatch(/Seq Scan on asset/);
});
