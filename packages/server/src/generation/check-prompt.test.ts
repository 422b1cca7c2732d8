import sharp from 'sharp';
import { expect, test } from 'vitest';

import { paidGenerator as paid, testGenerations } from '../../test/support/generations.ts';
import type { GenerationContext } from './generation-context.ts';
import type { Begun } from './generator.ts';

const { db, contextWith, open, run, endOf } = await testGenerations();
const picture = await sharp({ create: { width: 40, height: 30, channels: 3, background: '#804020' } })
  .png()
  .toBuffer();
const done = (n: number): Begun => ({ state: 'done', outputs: Array.from({ length: n }, () => ({ bytes: picture })), usage: {} });

test('a prompt is checked once before anything is sent, however many calls follow', async () => {
  const generator = paid({ start: () => done(1) }, false);
  const asked: string[] = [];
  const ctx: GenerationContext = {
    ...contextWith(generator),
    site: {
      ...contextWith(generator).site,
      moderatePrompt: async ({ prompt }) => {
        asked.push(`${prompt}, ${generator.sent} sent`);
        return { allowed: true };
      },
    },
  };
  const id = await open(ctx, 3);
  await run(ctx);
  await endOf(id, 'complete');
  expect(asked).toEqual(['a lamp, 0 sent']);
  expect(generator.sent).toBe(3);
});

test('a refused prompt is sent to no provider, costs nothing, and its owner reads why', async () => {
  const generator = paid({ start: () => done(2) });
  const ctx: GenerationContext = {
    ...contextWith(generator),
    site: { ...contextWith(generator).site, moderatePrompt: async () => ({ allowed: false, reason: null, categories: ['violence'] }) },
  };
  const id = await open(ctx, 2);
  await run(ctx);
  const { error } = await endOf(id, 'failed');
  expect(error).toMatchObject({ code: 'provider_refused', retryable: false, message: expect.stringContaining('(violence)') });
  expect(generator.sent).toBe(0);
  const { reserved_units: units } = await db.selectFrom('generation').select('reserved_units').where('job_id', '=', id).executeTakeFirstOrThrow();
  expect(units).toBe(0);
});

test('nothing is sent until the prompt is approved, and after four unanswered checks it ends without cost', async () => {
  const generator = paid({ start: () => done(1) });
  let asked = 0;
  const ctx: GenerationContext = {
    ...contextWith(generator),
    site: {
      ...contextWith(generator).site,
      moderatePrompt: async () => {
        asked++;
        throw new Error('away');
      },
    },
  };
  const id = await open(ctx);
  await run(ctx);
  expect((await endOf(id, 'failed')).error).toMatchObject({ code: 'unavailable', retryable: true });
  expect([asked, generator.sent]).toEqual([4, 0]);
});
