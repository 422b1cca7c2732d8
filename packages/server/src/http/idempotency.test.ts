import type { FastifyRequest } from 'fastify';
import { expect, test } from 'vitest';

import { testDatabase } from '../../test/support/database.ts';
import { testContext } from '../../test/support/jobs.ts';
import { runOnce } from './idempotency.ts';
import type { RequestContext } from './request-context.ts';

const { db, pool } = await testDatabase();

test('what was created is answered also when it cannot be written down that it was', async () => {
  await pool.query(`create function refuse() returns trigger language plpgsql as $$ begin raise exception 'no space left on device'; end $$`);
  await pool.query(`create trigger refuse before update on idempotency_key for each row when (new.state = 'done') execute function refuse()`);
  const ctx = testContext(db) as RequestContext;
  const once = { key: 'k', operation: 'openUpload', payload: {}, request: {} as FastifyRequest };
  expect(await runOnce(ctx, once, async () => ({ status: 201, body: { uploadId: '1' } }))).toEqual({ status: 201, body: { uploadId: '1' } });
});
