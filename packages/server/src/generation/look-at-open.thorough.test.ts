import { setTimeout as delay } from 'node:timers/promises';

import { sql } from '#kysely';
import sharp from 'sharp';
import { beforeEach, expect, onTestFinished, test } from 'vitest';

import { paidGenerator, testGenerations } from '../../test/support/generations.ts';
import { jobInState } from '../../test/support/jobs.ts';
import type { GenerationContext } from './generation-context.ts';
import type { Generator, Glance } from './generator.ts';
import { lookAtOpen } from './look-at-open.ts';

const { db, contextWith, openVideo, run, eventsOf } = await testGenerations();
const picture = await sharp({ create: { width: 40, height: 30, channels: 3, background: '#804020' } })
  .png()
  .toBuffer();

/** Generations that other tests left open must not be polled here. */
beforeEach(async () => void (await sql`update generation set next_poll_at = null where state = 'submitted'`.execute(db)));

/** A video with a name to poll, its appearance from outside, and how often it was polled. */
function openFor(glances: (nth: number, signal: AbortSignal) => Promise<Glance> | Glance) {
  const seen = { glances: 0 };
  const paid = paidGenerator({
    kind: 'video',
    start: () => ({ state: 'started', operation: 'op' }),
    poll: () => ({ state: 'done', outputs: [{ bytes: picture }], usage: {} }),
  });
  const generator: Generator = Object.assign(paid, {
    glance: async (_: unknown, { signal }: { signal: AbortSignal }) => await glances(++seen.glances, signal),
  });
  return { seen, paid, ctx: contextWith(generator) };
}

const looks = (ctx: GenerationContext): void => {
  const looking = lookAtOpen(ctx);
  onTestFinished(async () => await looking.stop());
};
/** Starts one and makes its next poll due again and again. */
async function begin(ctx: GenerationContext): Promise<{ id: string; due(): Promise<void> }> {
  const id = await openVideo(ctx);
  await run(ctx);
  await expect
    .poll(async () => (await db.selectFrom('job').select('turn').where('id', '=', id).executeTakeFirstOrThrow()).turn, { timeout: 20_000 })
    .toBe('later');
  return { id, due: async () => void (await sql`update generation set next_poll_at = now() where job_id = ${id}::uuid`.execute(db)) };
}
const rowOf = async (id: string) => await db.selectFrom('generation').selectAll().where('job_id', '=', id).executeTakeFirstOrThrow();

test('while the provider works, the video is only polled, ever more rarely; news wakes its job, which reads the full status', async () => {
  const { seen, paid, ctx } = openFor((nth) => (nth < 4 ? { is: 'running', progress: null } : { is: 'news' }));
  const { id, due } = await begin(ctx);
  looks(ctx);
  const before = await jobInState(db, id, 'active');
  for (const nth of [1, 2, 3]) {
    await due();
    await expect.poll(() => seen.glances, { timeout: 20_000 }).toBe(nth);
    await expect.poll(async () => (await rowOf(id)).polls, { timeout: 20_000 }).toBe(nth);
    const { next_poll_at: next } = await rowOf(id);
    expect(Math.abs((next?.getTime() ?? 0) - Date.now() - 5_000 * 1.5 ** nth)).toBeLessThan(5_000 * 1.5 ** nth * 0.15 + 3_000);
  }
  expect(paid.polled).toBe(0);
  expect(await jobInState(db, id, 'active')).toEqual(before);
  await due();
  await expect.poll(() => paid.polled, { timeout: 20_000 }).toBe(1);
  expect(paid.sent).toBe(1);
  // The result is no video, which fails the job.
  await expect.poll(async () => await eventsOf(id), { timeout: 20_000 }).toEqual(['generation_failed']);
});

test('progress is reported when the provider has changed it', async () => {
  const { seen, ctx } = openFor((nth) => ({ is: 'running', progress: nth < 3 ? 0.25 : 0.5 }));
  const { id, due } = await begin(ctx);
  looks(ctx);
  for (const nth of [1, 2, 3]) {
    await due();
    await expect.poll(() => seen.glances, { timeout: 20_000 }).toBe(nth);
  }
  const told = async () =>
    (await db.selectFrom('event').select('payload').where('job_id', '=', id).where('name', '=', 'generation_progress').orderBy('seq').execute()).map(
      ({ payload }) => (payload as { progress: number }).progress,
    );
  await expect.poll(told, { timeout: 20_000 }).toEqual([0.25, 0.5]);
  expect(await jobInState(db, id, 'active')).toMatchObject({ progress: 0.5 });
});

test('a busy or unreachable provider is waited for; senseless answers are counted by the job, and forgotten after a good one', async () => {
  const said: Glance[] = [{ is: 'silent' }, { is: 'running', progress: null }];
  const { seen, paid, ctx } = openFor(() => said.shift() ?? { is: 'news' });
  const { id, due } = await begin(ctx);
  await db.updateTable('generation').set({ bad_polls: 3 }).where('job_id', '=', id).execute();
  looks(ctx);
  await due();
  await expect.poll(() => seen.glances, { timeout: 20_000 }).toBe(1);
  expect(await rowOf(id)).toMatchObject({ bad_polls: 3 });
  await due();
  await expect.poll(async () => (await rowOf(id)).bad_polls, { timeout: 20_000 }).toBe(0);
  expect(paid.polled).toBe(0);
});

test('several processes share the due videos, and a provider that hangs delays no other provider', async () => {
  const hanging = openFor(async (_, signal) => await delay(60_000, { is: 'silent' }, { signal }));
  const { seen, paid, ctx } = openFor(() => ({ is: 'running', progress: null }));
  const slow = await begin(hanging.ctx);
  await db.updateTable('generation').set({ provider: 'gemini' }).where('job_id', '=', slow.id).execute();
  const ids = await Promise.all(Array.from({ length: 20 }, async () => await openVideo(ctx)));
  await expect
    .poll(async () => (await db.selectFrom('job').select('id').where('id', 'in', ids).where('turn', '=', 'later').execute()).length, { timeout: 20_000 })
    .toBe(20);
  const generators = { openai: paid, gemini: hanging.ctx.site.generators.openai } as GenerationContext['site']['generators'];
  await sql`update generation set next_poll_at = now() where job_id = any(${[slow.id, ...ids]}::uuid[])`.execute(db);
  for (let process = 0; process < 3; process++) looks({ ...ctx, site: { ...ctx.site, generators } });
  await expect.poll(() => [seen.glances, hanging.seen.glances], { timeout: 20_000 }).toEqual([20, 1]);
  await sql`update generation set next_poll_at = now() where job_id = any(${ids}::uuid[])`.execute(db);
  await expect.poll(() => seen.glances, { timeout: 20_000 }).toBe(40);
});

test('a video that cannot be polled, or whose provider is gone, is left to its job', async () => {
  const generator = paidGenerator({
    kind: 'video',
    start: () => ({ state: 'started', operation: 'op' }),
    poll: () => ({ state: 'running', progress: null, message: null }),
  });
  const ctx = contextWith(generator);
  const { id, due } = await begin(ctx);
  looks(ctx);
  await due();
  await expect.poll(() => generator.polled, { timeout: 20_000 }).toBe(1);
  await expect.poll(async () => (await rowOf(id)).polls, { timeout: 20_000 }).toBeGreaterThan(1);
});
