import { Readable } from 'node:stream';

import { sql } from '#kysely';
import sharp from 'sharp';
import { describe, expect, onTestFinished, test, vi } from 'vitest';

import { paidGenerator as paid, testGenerations } from '../../test/support/generations.ts';
import { SafelightError } from '../lib/errors.ts';
import type { GenerationContext } from './generation-context.ts';
import { ProviderFailure, type Generator } from './generator.ts';

const { db, uploads, contextWith, open, run, endOf } = await testGenerations();
const picture = await sharp({ create: { width: 40, height: 30, channels: 3, background: '#804020' } })
  .png()
  .toBuffer();

let outages = 0;
/** The database goes away once, when a row of `table` becomes this: before that is recorded, or with the answer to its COMMIT. */
async function goAwayOnce(table: 'generation' | 'generation_output', becomes: string): Promise<void> {
  const name = `outage_${++outages}`;
  const leaving = sql.raw(`
    create sequence ${name};
    create function ${name}() returns trigger as $$ begin
      if ${becomes} then
        if nextval('${name}') = 1 then raise exception 'terminating connection' using errcode = '57P01'; end if;
      end if;
      return new; end $$ language plpgsql;
    create trigger ${name} before update on ${table} for each row execute function ${name}()`);
  await leaving.execute(db);
}

test('paid pictures wait for an unavailable store or database, and each is stored once', async () => {
  const generator = paid({ start: () => ({ state: 'done', outputs: [{ bytes: picture }, { bytes: picture }, { bytes: picture }], usage: {} }) });
  const ctx = contextWith(generator);
  const id = await open(ctx, 3);
  const put = vi.spyOn(ctx.site.stores.active('final'), 'put').mockRejectedValueOnce(new SafelightError('storage_unavailable', 'The disk is full.'));
  onTestFinished(() => put.mockRestore());
  await goAwayOnce('generation_output', `new.job_id = '${id}' and new.index = 1 and new.state = 'stored'`);
  await run(ctx);
  const { result, attempts } = await endOf(id, 'complete');
  expect(result).toMatchObject({ requested: 3, failures: [], media: [{ status: 'ready' }, { status: 'ready' }, { status: 'ready' }] });
  expect(generator.sent).toBe(1);
  expect(attempts).toBe(1);
  expect((await uploads.files()).filter((file) => file.includes(`/images/${id}_`))).toHaveLength(3);
  expect((await uploads.objects()).filter(({ state }) => state !== 'stored')).toEqual([]);
});

test('the operation of a paid request waits for an unavailable database: without it, nobody could fetch what was paid for', async () => {
  const generator = paid({
    start: () => ({ state: 'started', operation: { id: 'op-1' } }),
    poll: () => ({ state: 'done', outputs: [{ bytes: picture }], usage: {} }),
  });
  const ctx = contextWith(generator);
  const id = await open(ctx);
  await goAwayOnce('generation', `new.job_id = '${id}' and new.state = 'submitted'`);
  await run(ctx);
  expect((await endOf(id, 'complete')).result).toMatchObject({ failures: [], media: [{ status: 'ready' }] });
  expect(generator.sent).toBe(1);
});

test('the reason why a paid request was refused waits too, so that it is told and the allowance is given back', async () => {
  const refused = new ProviderFailure('provider_refused', 'The provider refuses this prompt.', { isBilled: false });
  const generator = paid({
    start: () => {
      throw refused;
    },
  });
  const ctx = contextWith(generator);
  const id = await open(ctx);
  await goAwayOnce('generation_output', `new.job_id = '${id}' and new.state = 'failed'`);
  await run(ctx);
  expect((await endOf(id, 'failed')).error).toMatchObject({ code: 'provider_refused' });
  expect(generator.sent).toBe(1);
});

describe('the tokens that a provider counts', () => {
  /** A million of them cost two euros. */
  const perToken = (generator: Generator): GenerationContext => {
    const ctx = contextWith(generator);
    const prices = { currency: 'EUR', models: { 'openai/paid-1': { perMillionOutputTokens: 2 } } };
    return { ...ctx, site: { ...ctx.site, generation: { ...ctx.site.generation, prices } } };
  };
  const usage = { output_tokens: 1_000_000 };

  test('wait for a database that goes away before they are recorded', async () => {
    const generator = paid({ start: () => ({ state: 'done', outputs: [{ bytes: picture }], usage }) }, false);
    const ctx = perToken(generator);
    const id = await open(ctx, 2);
    await goAwayOnce('generation', `new.job_id = '${id}' and new.usage is not null`);
    await run(ctx);
    const { result, attempts } = await endOf(id, 'complete');
    expect(result).toMatchObject({ failures: [], cost: { amount: 4, currency: 'EUR' } });
    expect([generator.sent, attempts]).toEqual([2, 1]);
  });

  test('are counted once when the result arrives only at a second poll', async () => {
    let opened = 0;
    const generator = paid({
      start: () => ({ state: 'started', operation: { id: 'op-1' } }),
      poll: () => ({ state: 'done', outputs: [{ from: 'there' }], usage }),
      open: async () => {
        if (opened++ === 0) throw new Error('cut off');
        return Readable.from([picture]);
      },
    });
    const ctx = perToken(generator);
    const id = await open(ctx);
    await run(ctx);
    expect((await endOf(id, 'complete')).result).toMatchObject({ failures: [], cost: { amount: 2, currency: 'EUR' } });
    expect(generator).toMatchObject({ sent: 1, polled: 2 });
  });
});
