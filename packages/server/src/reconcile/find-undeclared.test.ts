import { randomUUIDv7 } from 'node:crypto';

import { expect, test } from 'vitest';

import { testDatabase } from '../../test/support/database.ts';
import { findUndeclared, wordsForUndeclared } from './find-undeclared.ts';

const { db, pool } = await testDatabase();

test('media and objects that the configuration does not know any more are found, and told of in words', async () => {
  const known = { collections: new Map([['photos', {}]]), stores: [{ provider: 's3', location: 'new' } as const] };
  expect(await findUndeclared(db, known)).toEqual({ collections: [], stores: [] });
  expect(wordsForUndeclared({ collections: [], stores: [] })).toBeNull();

  for (const collection of ['photos', 'files', 'empty'])
    await pool.query(`insert into policy (collection, rules, updated_by) values ($1, '{"photoReviewEnabled": false}', 'test')`, [collection]);
  for (const collection of ['photos', 'files'])
    await pool.query(
      `insert into asset (id, collection, owner_id, kind, purpose, status, review, original_file_name, mime_type, byte_size, sort_order)
       values ($1, $2, 'ada', 'file', 'product', 'ready', 'not_required', 'a.bin', 'application/octet-stream', 1, 0)`,
      [randomUUIDv7(), collection],
    );
  for (const [provider, location] of [
    ['s3', 'new'],
    ['s3', 'new'],
    ['s3', 'old'],
    ['filesystem', 'objects'],
  ])
    await pool.query(`insert into object (id, provider, location, key, state, role) values ($1, $2, $3, gen_random_uuid()::text, 'stored', 'source')`, [
      randomUUIDv7(),
      provider,
      location,
    ]);

  const found = await findUndeclared(db, known);
  expect(found).toEqual({ collections: ['files'], stores: ['filesystem:objects', 's3:old'] });
  expect(wordsForUndeclared(found)).toBe(
    'media are in files, which the configuration does not declare; objects are in filesystem:objects, s3:old, which is not configured: they are not served',
  );
});
