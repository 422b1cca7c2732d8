import { readdir, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';

import { sql } from '#kysely';
import { describe, expect, test } from 'vitest';

import { testDatabase } from '../../test/support/database.ts';
import { jobInState, jobRow, testWorker } from '../../test/support/jobs.ts';
import { openPhotoSite } from '../../test/support/photo-site.ts';
import { h264, makeClip, picture, recordingCollection, whyNoFfmpeg } from '../../test/support/recordings.ts';
import { temporaryDirectory } from '../../test/support/temporary-directory.ts';
import { requeueAbandoned } from '../jobs/queue-rows.ts';
import { transact } from '../lib/transact.ts';
import { createPlaces } from './image/slow-pictures.ts';
import { processJob } from './jobs.ts';

const why = whyNoFfmpeg();
const database = await testDatabase({ max: 12 });
const { db } = database;
const directory = await temporaryDirectory();
const { video, audio } = recordingCollection({ video: { hls: 'on' } });
const motionDirectories = async (): Promise<string[]> => (await readdir(tmpdir())).filter((name) => name.startsWith(`safelight-motion-${process.pid}-`));

describe.skipIf(why !== null)(`two workers on one recording${why === null ? '' : ` (${why})`}`, () => {
  test('of which one was given up for dead leave the outputs of one of them, once, and nothing of the other', { timeout: 240_000 }, async () => {
    const site = await openPhotoSite(database, { outputs: [{ role: 'preview' }] }, { kinds: ['video'], video, audio });
    await site.startWorker({ short: 1, poster: 1, long: 1 });
    const clip = await readFile(await makeClip(directory, 'clip.mp4', [...picture(8, '960x540'), ...h264, '-pix_fmt', 'yuv444p']));
    const { id, jobId } = await site.begin(clip, 'video/mp4');
    await expect.poll(async () => (await jobRow(db, jobId)).message, { timeout: 60_000, interval: 10 }).toBe('encoding');
    await testWorker(database, { site: { ...site.ctx.site, encoders: createPlaces(1) }, lanes: { long: 1 }, handlers: { process: processJob } });
    // It works on, while others believe that it is dead. In one transaction: otherwise its next sign of life could come before the others look.
    await transact(db, async (tx) => {
      await sql`update job set heartbeat_at = now() - interval '1 minute' where id = ${jobId}::uuid`.execute(tx);
      expect(await requeueAbandoned(tx)).toEqual(['long']);
    });
    expect(await jobInState(db, jobId, 'complete', 200_000)).toMatchObject({ attempts: 2 });
    const [asset, artifacts] = [await site.assetOf(id), await site.artifactsOf(id)];
    expect(asset).toMatchObject({ status: 'ready', failure: null, duration_ms: 8000 });
    const roles = artifacts.map(({ role }) => role);
    expect(new Set(roles).size).toBe(roles.length);
    expect(roles).toEqual(expect.arrayContaining(['hls_360', 'poster', 'preview', 'storyboard', 'stream']));
    // Neither works any more, and the unfinished files of the one are gone.
    await expect.poll(motionDirectories, { timeout: 60_000 }).toEqual([]);
    await expect.poll(site.disagreements, { timeout: 60_000 }).toEqual([]);
    expect([await site.assetOf(id), await site.artifactsOf(id)]).toEqual([asset, artifacts]);
    const told = await db.selectFrom('event').select('name').where('media_id', '=', id).where('name', '=', 'processing_complete').execute();
    expect(told).toHaveLength(1);
  });
});
