import { sql } from '#kysely';
import sharp from 'sharp';
import { expect, test } from 'vitest';

import { paidGenerator as paid, testGenerations } from '../../test/support/generations.ts';
import { jobInState } from '../../test/support/jobs.ts';
import { readGenerationUsage } from './allowance.ts';
import type { EndedGeneration, GenerationContext } from './generation-context.ts';
import { ProviderFailure, type Begun, type Polled } from './generator.ts';
import { startGeneration } from './start-generation.ts';

const { db, uploads, contextWith, open, run, hurry, endOf, eventsOf } = await testGenerations();
const picture = await sharp({ create: { width: 40, height: 30, channels: 3, background: '#804020' } })
  .png()
  .toBuffer();
const done = (n: number): Begun => ({ state: 'done', outputs: Array.from({ length: n }, () => ({ bytes: picture })), usage: {} });

test('one paid request generates all pictures, each of which is stored once', async () => {
  const generator = paid({ start: () => done(3) });
  const ctx = contextWith(generator);
  const id = await open(ctx, 3);
  await run(ctx);
  expect((await endOf(id, 'complete')).result).toMatchObject({
    requested: 3,
    failures: [],
    media: [{ status: 'ready' }, { status: 'ready' }, { status: 'ready' }],
  });
  expect(generator.sent).toBe(1);
  expect(await eventsOf(id)).toEqual(['generation_complete']);
  expect((await uploads.files()).filter((file) => file.includes(`/images/${id}_`))).toHaveLength(3);
});

test('a request that a dead worker had sent is never sent again: its outcome is unknown', async () => {
  const generator = paid({ start: () => done(1) });
  const ctx = contextWith(generator);
  const id = await open(ctx);
  await db.updateTable('generation_output').set({ state: 'submitting' }).where('job_id', '=', id).execute();
  await run(ctx);
  expect((await endOf(id, 'failed')).error).toMatchObject({ code: 'outcome_unknown', retryable: true });
  expect(generator.sent).toBe(0);
  expect(await eventsOf(id)).toEqual(['generation_failed']);
});

test('of several calls, those that a dead worker had not sent are sent', async () => {
  const generator = paid({ start: () => done(1) }, false);
  const ctx = contextWith(generator);
  const id = await open(ctx, 3);
  await db.updateTable('generation_output').set({ state: 'submitting' }).where('job_id', '=', id).where('index', '=', 0).execute();
  await run(ctx);
  expect((await endOf(id, 'complete')).result).toMatchObject({ requested: 3, failures: [{ index: 0, code: 'outcome_unknown' }] });
  expect(generator.sent).toBe(2);
});

test('an operation is only polled, by each of the workers that run its job', async () => {
  const generator = paid({
    start: () => ({ state: 'started', operation: { id: 'op-1' } }),
    poll: (polled) => (polled < 3 ? { state: 'running', progress: polled / 4, message: null } : (done(1) as Polled)),
  });
  const ctx = contextWith(generator);
  const id = await open(ctx);
  const turnOf = async () => (await jobInState(db, id, 'active')).turn;
  // Each of them makes one step and stops before the next is due.
  for (const polled of [0, 1, 2]) {
    const worker = await run(ctx);
    await expect.poll(async () => [generator.polled, await turnOf()], { timeout: 20_000 }).toEqual([polled, 'later']);
    await worker.stop({ graceMs: 5_000 });
    await hurry();
  }
  await run(ctx);
  await endOf(id, 'complete');
  expect(generator).toMatchObject({ sent: 1, polled: 3 });
  expect((await jobInState(db, id, 'complete')).attempts).toBe(1);
});

test('pictures that a dead worker had stored are kept, and the rest of its call is unknown', async () => {
  const generator = paid({ start: () => done(2) });
  const ctx = contextWith(generator);
  const id = await open(ctx, 2);
  // It died when both were in the store, and neither had been reported; of the second, not even the bytes remain.
  const refuses = sql.raw(`create or replace function refuse_stored() returns trigger as $$ begin
    if new.job_id = '${id}' and new.state = 'stored' then raise exception 'the worker dies here'; end if; return new; end $$ language plpgsql`);
  await refuses.execute(db);
  await sql`create trigger refuse_stored before update on generation_output for each row execute function refuse_stored()`.execute(db);
  const first = await run(ctx);
  await expect.poll(async () => (await uploads.files()).filter((file) => file.includes(`/images/${id}_`)).length, { timeout: 20_000 }).toBe(2);
  await first.stop({ graceMs: 5_000 });
  await sql`drop trigger refuse_stored on generation_output`.execute(db);
  const lost = (await uploads.files()).find((file) => file.endsWith(`${id}_1.png`)) ?? '';
  await ctx.site.stores.active('final').delete([lost]);
  await hurry();
  await run(ctx);
  expect((await endOf(id, 'complete')).result).toMatchObject({ requested: 2, media: [{ status: 'ready' }], failures: [{ index: 1, code: 'outcome_unknown' }] });
  expect(generator.sent).toBe(1);
});

test('five meaningless answers in a row end the wait, and nothing is requested anew', async () => {
  const generator = paid({
    start: () => ({ state: 'started', operation: 'op-2' }),
    poll: () => {
      throw new Error('nonsense');
    },
  });
  const ctx = contextWith(generator);
  const id = await open(ctx);
  await run(ctx);
  expect((await endOf(id, 'failed')).error).toMatchObject({ code: 'provider_failed' });
  expect(generator).toMatchObject({ sent: 1, polled: 5 });
});

test('a request that was refused before any work began is sent again, three times at most', async () => {
  const generator = paid({
    start: () => {
      throw new ProviderFailure('provider_failed', 'The provider is busy.', { isBilled: false, againAfterSeconds: 1 });
    },
  });
  const ctx = contextWith(generator);
  const id = await open(ctx);
  await run(ctx);
  expect((await endOf(id, 'failed')).error).toMatchObject({ code: 'provider_failed' });
  expect(generator.sent).toBe(3);
  const { reserved_units: units } = await db.selectFrom('generation').select('reserved_units').where('job_id', '=', id).executeTakeFirstOrThrow();
  expect(units).toBe(0);
});

test('each call of a request may be refused that often, because the call before it succeeded', async () => {
  const generator = paid(
    {
      start: (sent) => {
        if (sent % 3 === 0) return done(1);
        throw new ProviderFailure('provider_failed', 'The provider is busy.', { isBilled: false, againAfterSeconds: 1 });
      },
    },
    false,
  );
  const ctx = contextWith(generator);
  const id = await open(ctx, 2);
  await run(ctx);
  expect((await endOf(id, 'complete')).result).toMatchObject({ requested: 2, failures: [] });
  expect(generator.sent).toBe(6);
});

test('a process that is told to stop waits for the paid answer, and stores it', async () => {
  const { promise: asked, resolve: sent } = Promise.withResolvers<void>();
  const { promise: answer, resolve: say } = Promise.withResolvers<Begun>();
  const generator = paid({
    start: async () => {
      sent();
      return await answer;
    },
  });
  const ctx = contextWith(generator);
  const id = await open(ctx);
  const worker = await run(ctx);
  await asked;
  const stopped = worker.stop({ graceMs: 30_000 });
  say(done(1));
  await stopped;
  expect((await jobInState(db, id, 'complete')).result).toMatchObject({ requested: 1, failures: [] });
});

test('an answer that comes too late for a process that has to stop is never requested again', async () => {
  const { promise: asked, resolve: sent } = Promise.withResolvers<void>();
  const generator = paid({
    start: async () => {
      sent();
      return await new Promise<Begun>(() => undefined);
    },
  });
  const ctx = contextWith(generator);
  const id = await open(ctx);
  const worker = await run(ctx);
  await asked;
  await worker.stop({ graceMs: 0 });
  await run(ctx);
  expect((await endOf(id, 'failed')).error).toMatchObject({ code: 'outcome_unknown', retryable: true });
  expect(generator.sent).toBe(1);
});

test('empty outputs of a provider are no results', async () => {
  const ctx = contextWith(paid({ start: () => ({ state: 'done', outputs: [{ from: { url: 'http://127.0.0.1/' } }], usage: {} }) }));
  const id = await open(ctx);
  await run(ctx);
  expect((await endOf(id, 'failed')).error).toMatchObject({ code: 'provider_failed' });
});

test('if there is no space for all pictures, none is requested', async () => {
  const ctx = contextWith(paid({ start: () => done(2) }));
  const asked = (n: number) => ({
    kind: 'image' as const,
    prompt: 'a lamp',
    n,
    inputs: [],
    collection: 'listing.photos',
    entityType: 'listing',
    entityId: 'full',
  });
  await sql`update policy set rules = jsonb_set(rules, '{maxItems}', '2') where collection = 'listing.photos'`.execute(db);
  await expect(startGeneration(ctx, asked(3))).rejects.toMatchObject({ code: 'collection_full' });
  const { jobId } = await startGeneration(ctx, asked(2));
  await run(ctx);
  expect((await endOf(jobId, 'complete')).result).toMatchObject({ requested: 2 });
});

test('behind a closed gate the job is complete, and waiting pictures have no URL yet', async () => {
  const ctx = contextWith(paid({ start: () => done(2) }));
  const gate = { photoReviewEnabled: true, photoReviewProvider: 'manual', maxItems: null };
  await sql`update policy set rules = rules || ${JSON.stringify(gate)}::jsonb where collection = 'listing.photos'`.execute(db);
  const place = { collection: 'listing.photos', entityType: 'listing', entityId: 'gated' };
  const { jobId } = await startGeneration(ctx, { kind: 'image', prompt: 'a lamp', n: 2, inputs: [], ...place });
  await run(ctx);
  expect((await endOf(jobId, 'complete')).result).toMatchObject({
    urls: [null, null],
    media: [
      { status: 'ready', review: 'queued', published: false },
      { status: 'ready', review: 'queued', published: false },
    ],
  });
});

test('an error that nobody can interpret leaves the outcome unknown and the allowance used', async () => {
  const generator = paid({
    start: () => {
      throw new TypeError('terminated');
    },
  });
  const ctx = contextWith(generator);
  const id = await open(ctx);
  await run(ctx);
  expect((await endOf(id, 'failed')).error).toMatchObject({ code: 'outcome_unknown' });
  expect(generator.sent).toBe(1);
});

test.each([
  ['stopped', true],
  ['too_late', false],
  ['unknown', null],
] as const)('cancelling asks the provider to stop, and says whether it has: %s', async (said, spendingStopped) => {
  const generator = paid({
    start: () => ({ state: 'started', operation: 'op-3' }),
    poll: () => ({ state: 'running', progress: null, message: null }),
    cancel: said,
  });
  const ctx = contextWith(generator);
  const id = await open(ctx);
  await run(ctx);
  await expect
    .poll(async () => (await db.selectFrom('job').select('turn').where('id', '=', id).executeTakeFirstOrThrow()).turn, { timeout: 20_000 })
    .toBe('later');
  const { cancelJob } = await import('../jobs/cancel-job.ts');
  await cancelJob(ctx, id);
  await expect.poll(async () => (await jobInState(db, id, 'cancelled')).turn, { timeout: 20_000 }).toBe('over');
  expect((await jobInState(db, id, 'cancelled')).result).toMatchObject({ spendingStopped });
  expect(generator).toMatchObject({ sent: 1, cancelled: 1 });
  expect(await eventsOf(id)).toEqual(['generation_failed']);
});

test.each([
  ['stopped there', async () => 'stopped' as const],
  ['left to it when it does not even answer that', async () => await Promise.reject(new Error('away'))],
])('an operation that has not ended in time fails and is %s', async (_what, cancel) => {
  const generator = paid({ start: () => ({ state: 'started', operation: 'op-4' }), poll: () => ({ state: 'running', progress: null, message: null }) });
  const asked: unknown[] = [];
  const ctx = contextWith({
    ...generator,
    cancel: async (operation) => {
      asked.push(operation);
      return await cancel();
    },
  });
  const id = await open(ctx);
  const late: GenerationContext = { ...ctx, site: { ...ctx.site, generation: { ...ctx.site.generation, deadlineSeconds: 0 } } };
  await run(late);
  expect((await endOf(id, 'failed')).error).toMatchObject({ code: 'provider_timeout' });
  expect(asked).toEqual(['op-4']);
});

test('the expected cost is reported at the request, and the billed cost at the end, to its owner and to the metrics', async () => {
  const refusal = new ProviderFailure('provider_refused', 'No.', { isBilled: false });
  const generator = paid({ start: () => ({ state: 'done', outputs: [{ bytes: picture }, { failure: refusal }], usage: { total_tokens: 9 } }) });
  const ended: EndedGeneration[] = [];
  const ctx: GenerationContext = {
    ...contextWith(generator),
    actor: { ...uploads.ctx.actor, id: 'who-pays' },
    site: {
      ...contextWith(generator).site,
      onGenerated: (one) => ended.push(one),
    },
  };
  const id = await open(ctx, 2);
  expect((await readGenerationUsage(ctx)).cost).toEqual({ amount: 0.08, currency: 'EUR' });
  await run(ctx);
  expect((await endOf(id, 'complete')).result).toMatchObject({ cost: { amount: 0.04, currency: 'EUR' } });
  expect((await readGenerationUsage(ctx)).cost).toEqual({ amount: 0.04, currency: 'EUR' });
  expect(ended).toEqual([
    {
      provider: 'openai',
      model: 'paid-1',
      kind: 'image',
      outcome: 'partial',
      outputs: { stored: 1, provider_refused: 1 },
      seconds: expect.any(Number),
      cost: { amount: 0.04, currency: 'EUR' },
    },
  ]);
});
