import { sql } from '#kysely';
import sharp from 'sharp';
import { expect, onTestFinished, test, vi } from 'vitest';

import { paidGenerator as paid, testGenerations } from '../../test/support/generations.ts';
import { SafelightError } from '../lib/errors.ts';

const { db, uploads, contextWith, open, run, endOf } = await testGenerations();
const picture = await sharp({ create: { width: 40, height: 30, channels: 3, background: '#804020' } })
  .png()
  .toBuffer();

/** The database goes away once, when this picture is reported as stored: before that is recorded, or with the answer to its COMMIT. */
async function loseDatabase(jobId: string, index: number): Promise<void> {
  await sql`create sequence went`.execute(db);
  const goes = sql.raw(`create function go_once() returns trigger as $$ begin
    if new.job_id = '${jobId}' and new.index = ${index} and new.state = 'stored' then
      if nextval('went') = 1 then raise exception 'terminating connection' using errcode = '57P01'; end if;
    end if; return new; end $$ language plpgsql`);
  await goes.execute(db);
  await sql`create trigger go_once before update on generation_output for each row execute function go_once()`.execute(db);
}

test('paid pictures wait for an unavailable store or database, and each is stored once', async () => {
  const generator = paid({ start: () => ({ state: 'done', outputs: [{ bytes: picture }, { bytes: picture }, { bytes: picture }], usage: {} }) });
  const ctx = contextWith(generator);
  const id = await open(ctx, 3);
  const put = vi.spyOn(ctx.site.stores.active('final'), 'put').mockRejectedValueOnce(new SafelightError('storage_unavailable', 'The disk is full.'));
  onTestFinished(() => put.mockRestore());
  await loseDatabase(id, 1);
  await run(ctx);
  const { result, attempts } = await endOf(id, 'complete');
  expect(result).toMatchObject({ requested: 3, failures: [], media: [{ status: 'ready' }, { status: 'ready' }, { status: 'ready' }] });
  expect(generator.sent).toBe(1);
  expect(attempts).toBe(1);
  expect((await uploads.files()).filter((file) => file.includes(`/images/${id}_`))).toHaveLength(3);
  expect((await uploads.objects()).filter(({ state }) => state !== 'stored')).toEqual([]);
});
