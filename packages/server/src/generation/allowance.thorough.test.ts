import { sql } from '#kysely';
import { expect, test } from 'vitest';

import { paidGenerator, testGenerations } from '../../test/support/generations.ts';
import { SafelightError } from '../lib/errors.ts';
import { readGenerationUsage } from './allowance.ts';
import type { GenerationContext } from './generation-context.ts';
import { startGeneration } from './start-generation.ts';

const { db, contextWith } = await testGenerations();
const pictures = paidGenerator({ start: () => ({ state: 'done', outputs: [], usage: {} }) });
const videos = paidGenerator({ kind: 'video', start: () => ({ state: 'done', outputs: [], usage: {} }) });

type Allowance = GenerationContext['actor']['generation'];
function ownerWith(id: string, claim: Allowance, generator = pictures): GenerationContext {
  const ctx = contextWith(generator);
  const { site } = ctx;
  return {
    ...ctx,
    actor: { ...ctx.actor, id, ...(claim === undefined ? {} : { generation: claim }) },
    site: { ...site, generation: { ...site.generation, perOwner: { imagesPerDay: 3, videoSecondsPerDay: 8, active: null } } },
  };
}
const image = async (ctx: GenerationContext, n = 1) => await startGeneration(ctx, { kind: 'image', prompt: 'a lamp', n, inputs: [] });
const video = async (ctx: GenerationContext) => await startGeneration(ctx, { kind: 'video', prompt: 'a lamp', durationSeconds: 4, inputs: [] });
const refusalOf = async (asked: Promise<unknown>): Promise<SafelightError> => {
  const error: unknown = await asked.then(
    () => null,
    (cause: unknown) => cause,
  );
  if (!(error instanceof SafelightError)) throw new Error('it was taken');
  return error;
};
const tomorrow = (): string => new Date(Math.floor(Date.now() / 86_400_000 + 1) * 86_400_000).toISOString();

test('of many requests at once no more are taken than a day allows, and the answer says when the next day begins', async () => {
  const ctx = ownerWith('many', undefined);
  const asked = await Promise.allSettled(Array.from({ length: 12 }, async () => await image(ctx)));
  expect(asked.filter(({ status }) => status === 'fulfilled')).toHaveLength(3);
  const error = await refusalOf(image(ctx));
  expect(error.code).toBe('quota_exceeded');
  expect(JSON.stringify(error)).toContain(tomorrow());
  expect(await readGenerationUsage(ctx)).toMatchObject({ images: { used: 3, limit: 3 }, videoSeconds: { used: 0, limit: 8 }, resetsAt: tomorrow() });
});

test('pictures are counted one by one and videos by their seconds, separately', async () => {
  const ctx = ownerWith('counts', undefined);
  await image(ctx, 2);
  expect((await refusalOf(image(ctx, 2))).code).toBe('quota_exceeded');
  await image(ctx, 1);
  const films = ownerWith('counts', undefined, videos);
  await video(films);
  await video(films);
  expect((await refusalOf(video(films))).code).toBe('quota_exceeded');
  expect(await readGenerationUsage(ctx)).toMatchObject({ images: { used: 3 }, videoSeconds: { used: 8 }, active: { used: 4 } });
});

test("a token's claims take precedence over the configuration, name by name: more, less, or no limit", async () => {
  const more = ownerWith('plan-more', { imagesPerDay: 5 });
  await image(more, 4);
  expect(await readGenerationUsage(more)).toMatchObject({ images: { used: 4, limit: 5 }, videoSeconds: { limit: 8 } });
  expect((await refusalOf(image(ownerWith('plan-none', { imagesPerDay: 0 })))).code).toBe('quota_exceeded');
  const boundless = ownerWith('plan-boundless', { imagesPerDay: null });
  for (let request = 0; request < 2; request++) await image(boundless, 4);
  const one = ownerWith('plan-one', { active: 1 });
  await image(one);
  const error = await refusalOf(image(one));
  expect(JSON.stringify(error)).toContain('"resetsAt":null');
});

test("yesterday's generations no longer count, but one that still runs is active", async () => {
  const ctx = ownerWith('yesterday', { active: 1 });
  const { jobId } = await image(ctx, 3);
  await sql`update generation set created_at = created_at - interval '1 day' where job_id = ${jobId}::uuid`.execute(db);
  expect(await readGenerationUsage(ctx)).toMatchObject({ images: { used: 0 }, active: { used: 1 } });
  expect(JSON.stringify(await refusalOf(image(ctx)))).toContain('"resetsAt":null');
  await sql`update generation set state = 'failed' where job_id = ${jobId}::uuid`.execute(db);
  await image(ctx, 3);
});
