import { readdir, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';

import { describe, expect, test } from 'vitest';

import { putCaptions } from '../collections/caption-media.ts';
import { hideMedia } from '../assets/hide-media.ts';
import { cancelJob } from '../jobs/cancel-job.ts';
import { lockMedia } from '../places/lock-media.ts';
import { transact } from '../lib/transact.ts';
import { testDatabase } from '../../test/support/database.ts';
import { jobInState, jobRow } from '../../test/support/jobs.ts';
import { openPhotoSite } from '../../test/support/photo-site.ts';
import { aac, h264, makeClip, picture, recordingCollection, tone, whyNoFfmpeg } from '../../test/support/recordings.ts';
import { temporaryDirectory } from '../../test/support/temporary-directory.ts';
import { countReprocessable, reprocessCollection } from './reprocess-collection.ts';
import { reprocessMedia } from './reprocess-media.ts';

const why = whyNoFfmpeg();
const database = await testDatabase({ max: 12 });
const { db } = database;
const directory = await temporaryDirectory();
const { video, audio } = recordingCollection();
const pictures = { outputs: [{ role: 'preview' }] };
const motionDirectories = async (): Promise<string[]> => (await readdir(tmpdir())).filter((name) => name.startsWith(`safelight-motion-${process.pid}-`));

async function site() {
  const opened = await openPhotoSite(database, pictures, { kinds: ['image', 'video', 'audio'], video, audio });
  await opened.startWorker();
  const setVideo = (more: Partial<typeof video>, sound: Partial<typeof audio> = {}): void =>
    opened.setRules(pictures, { video: { ...video, ...more }, audio: { ...audio, ...sound } });
  const run = async (more: Partial<Parameters<typeof reprocessCollection>[1]> = {}) =>
    await reprocessCollection(opened.ctx, { collection: opened.name, renewal: 'outdated', ...more });
  const count = async () => await countReprocessable(opened.ctx, { collection: opened.name, renewal: 'outdated' });
  const tokensOf = async (id: string): Promise<Record<string, string | null>> =>
    Object.fromEntries((await opened.artifactsOf(id)).map(({ role, token }) => [role, token]));
  return { ...opened, setVideo, run, count, tokensOf };
}
const clip = async (): Promise<Buffer> =>
  await readFile(await makeClip(directory, 'clip.mp4', [...picture(2, '640x360'), ...tone(2), ...h264, ...aac, '-shortest']));
/** Takes some seconds to encode on any machine. */
const long = async (seconds: number): Promise<Buffer> => await readFile(await makeClip(directory, 'long.mp4', [...picture(seconds, '1280x720'), ...h264]));
const sound = async (): Promise<Buffer> => await readFile(await makeClip(directory, 'tone.flac', tone(2)));

describe.skipIf(why !== null)(`videos and sounds whose rules have changed${why === null ? '' : ` (${why})`}`, () => {
  test('are reprocessed: unchanged outputs keep their URL, the rest is replaced, added and removed, and captions stay', async () => {
    const { ctx, add, setVideo, run, count, tokensOf, assetOf, disagreements } = await site();
    const [film, track] = [await add(await clip(), 'video/mp4'), await add(await sound(), 'audio/flac')];
    await putCaptions({ ...ctx }, { id: film, language: 'en', text: '00:00.000 --> 00:01.000\nGood evening.' });
    expect(await count()).toEqual({ media: 2, outdated: 0, withoutSource: 0 });
    const [before, heard] = [await tokensOf(film), await tokensOf(track)];
    setVideo({ remux: 'never', maxSide: 320, hls: 'on', outputs: ['poster', 'stream', 'preview'] }, { bitrate: 64_000 });
    expect(await count()).toMatchObject({ outdated: 2 });
    expect(await run()).toMatchObject({ media: 2, renewed: 2, unchanged: 0, passed: 0, failed: 0 });
    const after = await tokensOf(film);
    expect(Object.keys(after).toSorted()).toEqual(['captions_en', 'hls_360', 'hls_audio', 'poster', 'poster_small', 'preview', 'stream']);
    for (const role of ['captions_en', 'poster', 'poster_small', 'preview']) expect(after[role], role).toBe(before[role]);
    expect(after['stream']).not.toBe(before['stream']);
    expect((await assetOf(film)).processing).toMatchObject({ mode: 'encode', reencodeReasons: ['size', 'configured'] });
    const louder = await tokensOf(track);
    expect(louder['stream']).not.toBe(heard['stream']);
    expect([louder['waveform'], louder['preview']]).toEqual([heard['waveform'], heard['preview']]);
    expect(await count()).toMatchObject({ outdated: 0 });
    await expect.poll(disagreements).toEqual([]);
  });

  test('are skipped if no output would change, and nothing is written', async () => {
    const { add, run, artifactsOf, assetOf } = await site();
    const id = await add(await clip(), 'video/mp4');
    const before = [await assetOf(id), await artifactsOf(id)];
    expect(await run({ renewal: 'all' })).toMatchObject({ renewed: 0, unchanged: 1 });
    expect([await assetOf(id), await artifactsOf(id)]).toEqual(before);
  });

  test('get only missing outputs, if that is requested, with no other work', async () => {
    const { add, setVideo, run, tokensOf, assetOf } = await site();
    setVideo({ outputs: ['poster', 'stream'] });
    const id = await add(await clip(), 'video/mp4');
    const [before, { processing }] = [await tokensOf(id), await assetOf(id)];
    setVideo({ remux: 'never', outputs: ['poster', 'stream', 'preview', 'storyboard'] });
    expect(await run({ renewal: 'missing' })).toMatchObject({ renewed: 1 });
    const after = await tokensOf(id);
    expect(after).toMatchObject(before);
    expect(Object.keys(after).toSorted()).toEqual(['poster', 'poster_small', 'preview', 'storyboard', 'stream']);
    expect((await assetOf(id)).processing).toEqual(processing);
  });

  test('are shown as before during reprocessing, even if that is cancelled or fails', async () => {
    const { ctx, add, setVideo, artifactsOf, assetOf, store, disagreements } = await site();
    const id = await add(await long(30), 'video/mp4');
    const before = [await assetOf(id), await artifactsOf(id)];
    setVideo({ remux: 'never', preset: 'slow' });
    const { jobId } = await reprocessMedia(ctx, { id });
    await expect.poll(async () => (await jobRow(db, jobId)).message, { timeout: 60_000, interval: 20 }).toBe('encoding');
    expect((await reprocessMedia(ctx, { id })).jobId).toBe(jobId);
    expect([await assetOf(id), await artifactsOf(id)]).toEqual(before);
    await cancelJob(ctx, jobId);
    await jobInState(db, jobId, 'cancelled');
    await expect.poll(motionDirectories).toEqual([]);
    expect([await assetOf(id), await artifactsOf(id)]).toEqual(before);
    // Its source has been damaged in the meantime.
    const key = `media/ada/${id}/source`;
    await store.delete([key]);
    await store.put(key, Buffer.from('no clip'), { contentType: 'video/mp4', bytes: 7 });
    const again = await reprocessMedia(ctx, { id });
    expect((await jobInState(db, again.jobId, 'failed')).error).toMatchObject({ code: 'corrupt_media' });
    expect([await assetOf(id), await artifactsOf(id)]).toEqual(before);
    await expect.poll(disagreements).toEqual([]);
  });

  test('leave no outputs if they are deleted in the meantime', async () => {
    const { ctx, add, setVideo, artifactsOf, disagreements } = await site();
    const id = await add(await long(6), 'video/mp4');
    const before = await artifactsOf(id);
    setVideo({ remux: 'never' });
    const { jobId } = await reprocessMedia(ctx, { id });
    await expect.poll(async () => (await jobRow(db, jobId)).message, { timeout: 60_000, interval: 20 }).toBe('encoding');
    await transact(db, async (tx) => {
      const row = await lockMedia(tx, id);
      await hideMedia(ctx, tx, row === undefined ? [] : [row], new Date(Date.now() + 60_000));
    });
    expect((await jobInState(db, jobId, 'complete', 100_000)).result).toMatchObject({ outcome: 'passed', reason: 'gone' });
    expect(await artifactsOf(id)).toEqual(before);
    await expect.poll(disagreements).toEqual([]);
  });
});
