import { sql } from '#kysely';
import { expect } from 'vitest';

import type { GenerationContext } from '../../src/generation/generation-context.ts';
import type { Begun, Generator, Polled } from '../../src/generation/generator.ts';
import { generateImageJob, generateVideoJob } from '../../src/generation/jobs.ts';
import { startGeneration } from '../../src/generation/start-generation.ts';
import { testDatabase } from './database.ts';
import { jobInState, testWorker } from './jobs.ts';
import { testUploads } from './uploads.ts';

type Paid = Generator & { sent: number; polled: number; cancelled: number };
type Does = {
  kind?: 'image' | 'video';
  start(sent: number): Promise<Begun> | Begun;
  poll?(polled: number): Polled;
  cancel?: 'stopped' | 'too_late' | 'unknown';
  open?: Generator['open'];
};

/** A provider that costs money, and counts its requests. */
export function paidGenerator({ kind = 'image', start, poll, cancel, open }: Does, takesMany = true): Paid {
  const one: Paid = {
    provider: 'openai',
    isFree: false,
    takesMany,
    sent: 0,
    polled: 0,
    cancelled: 0,
    models: () => [
      {
        provider: 'openai',
        model: 'paid-1',
        kinds: [kind],
        sizes: null,
        aspectRatios: [],
        resolutions: [],
        qualities: [],
        durations: kind === 'video' ? [4] : [],
        maxN: 10,
        seed: false,
        inputs: [],
        progress: false,
        cancel: 'stops',
        available: true,
        reason: null,
      },
    ],
    start: async (_, { signal }) => await Promise.race([start(++one.sent), endOf(signal)]),
    ...(poll === undefined ? {} : { poll: async () => poll(++one.polled) }),
    ...(open === undefined ? {} : { open }),
    ...(cancel === undefined
      ? {}
      : {
          cancel: async () => {
            one.cancelled++;
            return cancel;
          },
        }),
  };
  return one;
}

/** The error of a request that is broken off. */
const endOf = async (signal: AbortSignal): Promise<never> =>
  await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true }));

/** Everything that generations need, of real parts, with a provider of the test's own. */
export async function testGenerations() {
  const database = await testDatabase();
  const { db } = database;
  const uploads = await testUploads({ db });
  const contextWith = (generator: Generator): GenerationContext => ({
    ...uploads.ctx,
    site: {
      ...uploads.ctx.site,
      generators: { openai: generator },
      moderatePrompt: null,
      generation: {
        collection: 'user.library',
        maxImages: 4,
        prices: { currency: 'EUR', models: { 'openai/paid-1': { perImage: 0.04 } } },
        perOwner: { imagesPerDay: null, videoSecondsPerDay: null, active: null },
        timeoutSeconds: 30,
        deadlineSeconds: 600,
        ownerSecret: 'secret',
        rehearses: true,
      },
    },
  });
  /** Skips the pause before the next poll. */
  const hurry = async (): Promise<void> => void (await sql`update job set turn = 'ready', start_after = null where turn = 'later'`.execute(db));
  return {
    database,
    db,
    uploads,
    contextWith,
    hurry,
    open: async (ctx: GenerationContext, n = 1): Promise<string> => (await startGeneration(ctx, { kind: 'image', prompt: 'a lamp', n, inputs: [] })).jobId,
    openVideo: async (ctx: GenerationContext): Promise<string> =>
      (await startGeneration(ctx, { kind: 'video', prompt: 'a lamp', durationSeconds: 4, inputs: [] })).jobId,
    run: async (ctx: GenerationContext, places = 2) =>
      await testWorker(database, {
        site: ctx.site,
        log: ctx.log,
        handlers: { 'generate.image': generateImageJob, 'generate.video': generateVideoJob },
        lanes: { generation: places },
      }),
    async endOf(id: string, state: 'complete' | 'failed' | 'cancelled') {
      await expect
        .poll(
          async () => {
            await hurry();
            return (await db.selectFrom('job').select('state').where('id', '=', id).executeTakeFirstOrThrow()).state;
          },
          { timeout: 20_000 },
        )
        .toBe(state);
      return await jobInState(db, id, state);
    },
    eventsOf: async (id: string) =>
      (await db.selectFrom('event').select('name').where('job_id', '=', id).where('name', 'in', ['generation_complete', 'generation_failed']).execute()).map(
        ({ name }) => name,
      ),
  };
}
