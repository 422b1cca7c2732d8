import { Readable } from 'node:stream';

import sharp from 'sharp';
import { expect, test } from 'vitest';

import { paidGenerator, testGenerations } from '../../test/support/generations.ts';
import { jobInState } from '../../test/support/jobs.ts';
import { cancelJob } from '../jobs/cancel-job.ts';
import { owned } from '../lib/owned.ts';
import { ProviderFailure, type Generator } from './generator.ts';

const { db, uploads, contextWith, open, openVideo, run, hurry, endOf, eventsOf } = await testGenerations();
const picture = await sharp({ create: { width: 40, height: 30, channels: 3, background: '#804020' } })
  .png()
  .toBuffer();

type Moment = {
  when: string;
  kind: 'image' | 'video';
  does: Omit<Parameters<typeof paidGenerator>[0], 'kind'>;
  /** How the test knows that the moment has come. */
  is(id: string, generator: Generator & { sent: number; polled: number }): Promise<boolean> | boolean;
  spendingStopped: boolean | null;
  cancelled: number;
  units: number;
};
const turnOf = async (id: string) => (await db.selectFrom('job').select('turn').where('id', '=', id).executeTakeFirstOrThrow()).turn;
const messageOf = async (id: string) => (await db.selectFrom('job').select('message').where('id', '=', id).executeTakeFirstOrThrow()).message;
const never = async <T>(): Promise<T> => await new Promise<T>(() => undefined);
const started = () => ({ state: 'started', operation: 'op' }) as const;

const moments: Moment[] = [
  {
    when: 'while it waits to be sent once more',
    kind: 'image',
    does: {
      start: () => {
        throw new ProviderFailure('provider_failed', 'busy', { isBilled: false, againAfterSeconds: 600 });
      },
    },
    is: async (id, { sent }) => sent === 1 && (await turnOf(id)) === 'later',
    spendingStopped: true,
    cancelled: 0,
    units: 0,
  },
  {
    when: 'while a paid request is answered',
    kind: 'image',
    does: { start: never, cancel: 'stopped' },
    is: (_, { sent }) => sent === 1,
    spendingStopped: null,
    cancelled: 0,
    units: 1,
  },
  {
    when: 'while its provider works on it',
    kind: 'video',
    does: { start: started, poll: () => ({ state: 'running', progress: null, message: null }), cancel: 'stopped' },
    is: async (id) => (await turnOf(id)) === 'later',
    spendingStopped: true,
    cancelled: 1,
    units: 4,
  },
  {
    when: 'while its bytes come',
    kind: 'video',
    does: {
      start: started,
      poll: () => ({ state: 'done', outputs: [{ from: 'there' }], usage: {} }),
      open: async (_, { signal }) => owned(new Readable({ read: () => undefined, signal })),
      cancel: 'too_late',
    },
    is: async (id, { polled }) => (await hurry(), polled === 1),
    spendingStopped: false,
    cancelled: 1,
    units: 4,
  },
];

test.each(moments)('a request that is cancelled $when ends so, says honestly what is still spent, and nothing appears', async (moment) => {
  const generator = paidGenerator({ kind: moment.kind, ...moment.does });
  const ctx = contextWith(generator);
  const id = await (moment.kind === 'image' ? open(ctx) : openVideo(ctx));
  await run(ctx);
  await expect.poll(async () => await moment.is(id, generator), { timeout: 20_000 }).toBe(true);
  await cancelJob(ctx, id);
  await expect.poll(async () => await turnOf(id), { timeout: 20_000 }).toBe('over');
  const job = await jobInState(db, id, 'cancelled');
  expect(job).toMatchObject({ result: { spendingStopped: moment.spendingStopped, stored: [] }, error: { code: 'cancelled' } });
  expect(generator).toMatchObject({ sent: 1, cancelled: moment.cancelled });
  expect(await eventsOf(id)).toEqual(['generation_failed']);
  const { reserved_units: units, state } = await db
    .selectFrom('generation')
    .select(['reserved_units', 'state'])
    .where('job_id', '=', id)
    .executeTakeFirstOrThrow();
  expect([units, state]).toEqual([moment.units, 'cancelled']);
  expect((await uploads.files()).filter((file) => file.includes(id))).toEqual([]);
  expect(await db.selectFrom('asset').select('id').where('owner_id', '=', ctx.actor.id).where('status', '=', 'ready').execute()).toEqual([]);
});

test('a generation that has ended is answered unchanged, and stays', async () => {
  const ctx = contextWith(paidGenerator({ start: () => ({ state: 'done', outputs: [{ bytes: picture }], usage: {} }) }));
  const id = await open(ctx);
  await run(ctx);
  await endOf(id, 'complete');
  expect(await cancelJob(ctx, id)).toMatchObject({ state: 'complete' });
  expect(await eventsOf(id)).toEqual(['generation_complete']);
  expect(await messageOf(id)).toBeNull();
});
