import type { Job } from '@safelight/contract/jobs';
import { describe, expect, test } from 'vitest';

import { ask, endedJob, expectProblem, into, needsUsers, newEntity, newUser, settled, target, upload } from './support/api.ts';
import { follow, type Told } from './support/event-stream.ts';
import { jpeg, phonePhoto } from './support/pictures.ts';

const accepted = async (entity = newEntity('listing'), asked = {}): Promise<{ jobId: string; media: { id: string } }> => {
  const answer = await upload(into('listing.photos', entity), await jpeg(), asked);
  expect(answer.status).toBe(202);
  return answer.body;
};

describe('a job', () => {
  test('has its subject, its progress and its result', async () => {
    const { jobId, media } = await accepted();
    const job = await endedJob(jobId);
    expect(job).toMatchObject({
      id: jobId,
      type: 'process',
      state: 'complete',
      progress: 1,
      attempts: 1,
      assetId: media.id,
      result: { url: expect.stringMatching(/^http/), path: expect.any(String), media: { id: media.id } },
    });
    // If uploads go to a store of their own, one more job moves them from there.
    const about = await ask('GET', `/jobs?assetId=${media.id}`);
    expect(about.body.nextCursor).toBeNull();
    expect(about.body.jobs.filter(({ type }: Job) => type !== 'mirror')).toMatchObject([{ id: jobId }]);
    expect((await ask('GET', `/jobs?assetId=${media.id}&state=failed`)).body.jobs).toEqual([]);
  });

  test('that has ended is answered unchanged when it is cancelled', async () => {
    const { jobId } = await accepted();
    await endedJob(jobId);
    const answer = await ask('DELETE', `/jobs/${jobId}`);
    expect({ status: answer.status, state: answer.body.job.state }).toEqual({ status: 200, state: 'complete' });
  });

  test('that is cancelled ends, and its photo is ready, or has visibly failed and can be retried', async () => {
    const answers = await Promise.all(
      Array.from({ length: 4 }, async () => await upload(into('listing.photos'), { bytes: await phonePhoto(2400, 1800), name: 'a.jpg', type: 'image/jpeg' })),
    );
    await Promise.all(answers.map(({ body }) => ask('DELETE', `/jobs/${body.jobId}`)));
    for (const { body } of answers) {
      const job = await endedJob(body.jobId);
      const media = await settled(body.media.id);
      expect({ job: job.state, media: media.status }).toEqual(
        job.state === 'cancelled' ? { job: 'cancelled', media: 'failed' } : { job: 'complete', media: 'ready' },
      );
      if (job.state !== 'cancelled') continue;
      expect(media.failure).toMatchObject({ stage: 'process', retryable: true, message: expect.stringMatching(/cancelled/i) });
      const retried = await ask('POST', `/media/${media.id}/retry`);
      expect(retried.status).toBe(202);
      expect((await settled(media.id)).status).toBe('ready');
    }
  });

  test.skipIf(needsUsers !== null)(`of somebody else does not exist (${needsUsers ?? 'needs users'})`, async () => {
    const [ada, eve] = [await newUser(), await newUser()];
    const { jobId } = await accepted(newEntity('listing'), ada);
    expectProblem(await ask('GET', `/jobs/${jobId}`, eve), 404, 'not_found');
    expectProblem(await ask('DELETE', `/jobs/${jobId}`, eve), 404, 'not_found');
    expect((await ask('GET', '/jobs', eve)).body.jobs).toEqual([]);
    expect((await ask('GET', '/jobs', ada)).body.jobs.map(({ id }: Job) => id)).toContain(jobId);
  });
});

/** Opens a stream and closes it at once. */
async function statusOfStream(server: string, token: string): Promise<number> {
  const leaving = new AbortController();
  const { status } = await fetch(`${server}/v1/events`, { headers: { authorization: `Bearer ${token}` }, signal: leaving.signal });
  leaving.abort();
  return status;
}

describe('events', () => {
  test('of an upload arrive in order', async () => {
    const entity = newEntity('listing');
    const stream = await follow(`?entity=${entity.path}`);
    const { jobId, media } = await accepted(entity);
    await stream.until('media_published');
    const story = stream.names().filter((name) => name !== 'processing_progress');
    expect(story).toEqual(['upload_started', 'upload_complete', 'processing_started', 'processing_complete', 'media_published']);
    for (const { data, id } of stream.got) {
      expect(data).toMatchObject({ mediaId: media.id, entity: { type: 'listing', id: entity.entityId }, at: expect.stringMatching(/Z$/) });
      expect(id).not.toBe('');
    }
    expect(stream.got.find(({ event }) => event === 'processing_complete')?.data).toMatchObject({
      jobId,
      result: { url: expect.stringMatching(/^http/), media: { id: media.id, status: 'ready' } },
    });

    await ask('DELETE', `/media/${media.id}`);
    await ask('POST', `/media/${media.id}/restore`);
    await expect.poll(() => stream.names().slice(-4), { timeout: 20_000 }).toEqual(['media_unpublished', 'media_deleted', 'media_restored', 'media_published']);
  });

  test('are the same for an upload that was answered with the ready record', async () => {
    const entity = newEntity('artist');
    const stream = await follow(`?entity=${entity.path}`);
    const { body } = await upload(into('artist.images', entity), await jpeg());
    await stream.until('media_published');
    expect(stream.names()).toEqual(['upload_started', 'upload_complete', 'processing_started', 'processing_complete', 'media_published']);
    expect(stream.got.every(({ data }) => data.mediaId === body.media.id)).toBe(true);
  });

  test('of a failure name the reason', async () => {
    const entity = newEntity('listing');
    const stream = await follow(`?entity=${entity.path}`);
    const { bytes } = await jpeg();
    await upload(into('listing.photos', entity), { bytes: bytes.subarray(0, bytes.length - 200), name: 'half.jpg', type: 'image/jpeg' });
    expect((await stream.until('processing_failed')).data.error).toEqual({ code: 'corrupt_media', message: expect.any(String), retryable: false });
  });

  test('are replayed from the client’s position, without a gap or a repetition, on any server', async () => {
    const entity = newEntity('listing');
    const whole = await follow(`?entity=${entity.path}`, { server: target.urls[0] ?? '' });
    for (let i = 0; i < 3; i++) await settled((await accepted(entity)).media.id);
    await expect.poll(() => whole.names().filter((name) => name === 'media_published'), { timeout: 20_000 }).toHaveLength(3);
    const story = whole.got.map(({ id, event }) => `${id} ${event}`);
    expect(new Set(story).size).toBe(story.length);
    for (const [index, { id }] of whole.got.entries()) {
      const server = target.urls[(index + 1) % target.urls.length] ?? '';
      const rest = await follow(`?entity=${entity.path}`, { after: id, server });
      const wanted = story.slice(index + 1);
      // Progress events are not stored, so they are not replayed.
      const durable = (told: readonly string[]): string[] => told.filter((line) => !line.endsWith('_progress'));
      await expect
        .poll(() => durable(rest.got.map((told) => `${told.id} ${told.event}`)).map((line) => line.split(' ')[1]), { timeout: 20_000 })
        .toEqual(durable(wanted).map((line) => line.split(' ')[1]));
      rest.stop();
    }
  });

  test('reach a client that reconnects again and again while they happen, also to another server', async () => {
    const entity = newEntity('listing');
    const [first = '', second = first] = target.urls;
    const whole = await follow(`?entity=${entity.path}`, { server: first });
    const line = ({ event, data }: Told): string => `${event} ${data.mediaId}`;
    const seen: string[] = [];
    let after: string | undefined;
    for (let turn = 0; turn < 6; turn++) {
      const part = await follow(`?entity=${entity.path}`, { server: turn % 2 === 0 ? second : first, ...(after === undefined ? {} : { after }) });
      const { media } = await accepted(entity);
      await expect.poll(() => part.got.map(line), { timeout: 20_000, interval: 10 }).toContain(`processing_started ${media.id}`);
      part.stop();
      seen.push(...part.got.map(line));
      after = part.got.at(-1)?.id ?? after;
      // Events that happen between connections come with the next one.
      if (turn % 3 === 0) await settled((await accepted(entity)).media.id);
    }
    const last = await follow(`?entity=${entity.path}`, { server: second, ...(after === undefined ? {} : { after }) });
    const durable = (told: readonly string[]): string[] => told.filter((name) => !name.includes('_progress')).toSorted();
    await expect.poll(() => durable(whole.got.map(line)).length, { timeout: 20_000 }).toBe(8 * 5);
    await expect.poll(() => durable([...seen, ...last.got.map(line)]), { timeout: 20_000 }).toEqual(durable(whole.got.map(line)));
  });

  test.skipIf(needsUsers !== null)(`of somebody else are not told (${needsUsers ?? 'needs users'})`, async () => {
    const [ada, eve] = [await newUser(), await newUser()];
    const [hers, his] = [await follow('', ada), await follow('', eve)];
    const { media } = await accepted(newEntity('listing'), ada);
    await hers.until('media_published');
    await accepted(newEntity('listing'), eve);
    await his.until('media_published');
    expect(his.got.filter(({ data }) => data.mediaId === media.id)).toEqual([]);
  });

  test.skipIf(needsUsers !== null)(`may be followed in many streams by one caller, and not in any number (${needsUsers ?? 'needs users'})`, async () => {
    const [ada, eve] = [await newUser(), await newUser()];
    const server = target.urls[0] ?? '';
    const streams = [];
    for (let n = 0; n < 32; n++) streams.push(await follow('', { ...ada, server }));
    const refused = await ask('GET', '/events', { ...ada, server });
    expectProblem(refused, 429, 'rate_limited');
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    await follow('', { ...eve, server });
    // A client that closes its connection gives its place back.
    streams[0]?.stop();
    await expect.poll(async () => await statusOfStream(server, ada.token), { timeout: 20_000 }).toBe(200);
  });

  test('can be filtered by job or photo', async () => {
    const { jobId, media } = await accepted();
    await settled(media.id);
    const entity = newEntity('listing');
    const next = await follow(`?entity=${entity.path}`);
    const other = await accepted(entity);
    const byJob = await follow(`?jobId=${other.jobId}`);
    await settled(other.media.id);
    await next.until('media_published');
    expect(byJob.got.filter(({ data }) => data.jobId !== other.jobId)).toEqual([]);
    expect(next.got.filter(({ data }) => data.mediaId === media.id || data.jobId === jobId)).toEqual([]);
  });

  test('are refused from a position that no stream has given out', async () => {
    const answer = await ask('GET', '/events', { headers: { 'last-event-id': 'no-such-position' } });
    expectProblem(answer, 400, 'invalid_request');
  });
});
