import { beforeAll, describe, expect, test } from 'vitest';

import { follow } from './support/event-stream.ts';
import { ask, expectProblem, form, newUser, settled, type Answer } from './support/api.ts';
import { jpeg } from './support/pictures.ts';

let user: Awaited<ReturnType<typeof newUser>>;
beforeAll(async () => void (user = await newUser()));

const generate = async (body: Record<string, unknown>, headers: Record<string, string> = {}): Promise<Answer> =>
  await ask('POST', '/generate/image', {
    ...user,
    headers: { ...headers },
    body: { prompt: 'a lamp in a darkroom', size: '128x96', provider: 'local', ...body },
  });
const jobOf = async (id: string) => (await ask('GET', `/jobs/${id}`, user)).body.job;
const endOf = async (started: Answer) => {
  expect(started.status, JSON.stringify(started.body)).toBe(202);
  await expect.poll(async () => (await jobOf(started.body.jobId)).state, { timeout: 40_000 }).toMatch(/complete|failed|cancelled/);
  return await jobOf(started.body.jobId);
};

const markOf = (bytes: Buffer): string | undefined => /DigitalSourceType="http:[^"]*\/(\w+)"/.exec(bytes.toString('latin1'))?.[1];

describe('a generated picture', () => {
  test('is stored, processed and in the result with permanent URLs', async () => {
    const started = await generate({ n: 2, seed: 7 });
    const job = await endOf(started);
    expect(job).toMatchObject({ state: 'complete', type: 'generate.image', result: { requested: 2, failures: [] } });
    expect(job.result.media).toHaveLength(2);
    const [first, second] = job.result.media;
    expect(first).toMatchObject({
      status: 'ready',
      width: 128,
      height: 96,
      collection: 'user.library',
      digitalSource: 'algorithmicMedia',
      generated: { provider: 'local', jobId: job.id, index: 0, seed: 7, prompt: 'a lamp in a darkroom' },
    });
    expect(second.generated.index).toBe(1);
    expect(job.result.urls).toEqual(job.result.media.map(({ src }: { src: string }) => src));
    expect(markOf((await ask('GET', job.result.urls[0])).bytes)).toBe('algorithmicMedia');
    const listed = await ask('GET', '/media?prefix=images', user);
    expect(new Set(listed.body.media.map(({ id }: { id: string }) => id))).toEqual(new Set([first.id, second.id]));
    expect((await ask('GET', `/media/${first.id}`, await newUser())).body.media?.generated?.prompt).toBeUndefined();
  });

  test('is the same again for the same words and the same seed', async () => {
    const bytes = async (seed: number): Promise<Buffer> => {
      const job = await endOf(await generate({ seed, prompt: 'twice' }));
      return (await ask('GET', `//view/${job.result.media[0].id}`, user)).bytes;
    };
    expect(await bytes(3)).toEqual(await bytes(3));
    expect(await bytes(3)).not.toEqual(await bytes(4));
  });

  test('emits one final event, after the pictures are stored', async () => {
    const started = await generate({ n: 3, providerOptions: { local: { delayMs: 300 } } });
    const events = await follow(`?jobId=${started.body.jobId}`, { token: user.token });
    const complete = await events.until('generation_complete');
    expect(complete.data.result.media).toHaveLength(3);
    expect(events.names()[0]).toBe('generation_started');
    expect(events.names().filter((name) => /generation_(complete|failed)/.test(name))).toEqual(['generation_complete']);
  });
});

describe('a picture that was uploaded', () => {
  test('and says that a model made it says so in its record and in every variant; one from a camera does not', async () => {
    const photo = (await jpeg()).bytes;
    const packet =
      '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" ' +
      'xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/" ' +
      'Iptc4xmpExt:DigitalSourceType="http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"/></rdf:RDF></x:xmpmeta>';
    const segment = Buffer.from(`http://ns.adobe.com/xap/1.0/\0${packet}`);
    const head = Buffer.from([0xff, 0xe1, (segment.length + 2) >> 8, (segment.length + 2) & 0xff]);
    const marked = Buffer.concat([photo.subarray(0, 2), head, segment, photo.subarray(2)]);
    const files = [marked, photo].map((bytes, index) => ({ bytes, name: `${index}.jpg`, type: 'image/jpeg' }));
    const sent = await ask('POST', '/media', { ...user, body: form({ collection: 'user.library' }, ...files) });
    const ids: string[] = sent.body.results.map(({ media }: { media: { id: string } }) => media.id);
    const [made, taken] = await Promise.all(ids.map(async (id) => await settled(id, user)));
    expect([made?.digitalSource, taken?.digitalSource]).toEqual(['trainedAlgorithmicMedia', null]);
    for (const media of [made, taken])
      for (const { src: url } of Object.values(media?.variants ?? {})) expect(markOf((await ask('GET', url)).bytes)).toBe(media?.digitalSource ?? undefined);
  });
});

describe('a generated video', () => {
  test('is a real MP4 of the requested length, stored and processed like an upload', async () => {
    const started = await ask('POST', '/generate/video', {
      ...user,
      body: { prompt: 'a lamp', provider: 'local', size: '128x96', durationSeconds: 2, seed: 5 },
    });
    const job = await endOf(started);
    expect(job).toMatchObject({ state: 'complete', type: 'generate.video', result: { requested: 1, failures: [] } });
    const [media] = job.result.media;
    expect(media).toMatchObject({ kind: 'video', status: 'ready', width: 128, height: 96, mimeType: 'video/mp4', digitalSource: 'algorithmicMedia' });
    expect(Math.abs(media.durationMs - 2000)).toBeLessThan(150);
    expect(media.generated).toMatchObject({ provider: 'local', model: 'local-video', index: 0, seed: 5 });
    const usage = (await ask('GET', '/generate/usage', user)).body;
    expect(usage.videoSeconds.used).toBeGreaterThanOrEqual(2);
  });
});

describe('a failure of the provider', () => {
  test('for one picture does not affect the others', async () => {
    const job = await endOf(await generate({ n: 3, providerOptions: { local: { fail: 'provider_refused', failIndex: 1 } } }));
    expect(job).toMatchObject({ state: 'complete', result: { requested: 3, failures: [{ index: 1, code: 'provider_refused', message: expect.any(String) }] } });
    expect(job.result.media.map(({ generated }: { generated: { index: number } }) => generated.index)).toEqual([0, 2]);
    expect(job.result.urls).toHaveLength(2);
  });

  test('for all of them fails the job with its own code, once, and gives the allowance back', async () => {
    const before = (await ask('GET', '/generate/usage', user)).body.images.used;
    const started = await generate({ n: 2, providerOptions: { local: { fail: 'provider_quota' } } });
    const events = await follow(`?jobId=${started.body.jobId}`, { token: user.token });
    const { data } = await events.until('generation_failed');
    expect(data.error).toMatchObject({ code: 'provider_quota', retryable: true });
    expect(await endOf(started)).toMatchObject({ state: 'failed', attempts: 1, error: { code: 'provider_quota' } });
    expect((await ask('GET', '/generate/usage', user)).body.images.used).toBe(before);
  });

  test('that may be retried can be retried by hand, as a new job', async () => {
    const failed = await endOf(await generate({ providerOptions: { local: { fail: 'outcome_unknown' } } }));
    const retried = await ask('POST', `/jobs/${failed.id}/retry`, user);
    expect(retried).toMatchObject({ status: 202, body: { mayCostAgain: true, job: { retryOf: failed.id, type: 'generate.image' } } });
    expect(retried.body.jobId).not.toBe(failed.id);
    // A second click does not pay for it twice.
    const clicks = await endOf(await generate({ providerOptions: { local: { fail: 'outcome_unknown' } } }));
    const both = await Promise.all([1, 2].map(async () => await ask('POST', `/jobs/${clicks.id}/retry`, user)));
    expect(both.map(({ status }) => status).sort((a, b) => a - b)).toEqual([202, 409]);
    const refused = await endOf(await generate({ providerOptions: { local: { fail: 'provider_refused' } } }));
    expectProblem(await ask('POST', `/jobs/${refused.id}/retry`, user), 409, 'conflict');
  });
});

describe('a cancelled generation', () => {
  test('ends as cancelled with one event that says so, and nothing appears afterwards', async () => {
    const started = await generate({ n: 4, providerOptions: { local: { delayMs: 60_000 } } });
    const events = await follow(`?jobId=${started.body.jobId}`, { token: user.token });
    expect((await ask('DELETE', `/jobs/${started.body.jobId}`, user)).status).toBe(200);
    const { data } = await events.until('generation_failed');
    expect(data.error.code).toBe('cancelled');
    const job = await endOf(started);
    expect(job.state).toBe('cancelled');
    expect(job.result).toMatchObject({ spendingStopped: true, stored: [] });
    const listed = await ask('GET', `/media?prefix=images/${job.id}`, user);
    expect(listed.body.media).toEqual([]);
  });
});

describe('a request', () => {
  test.each([
    ['a model that is not there', { model: 'dall-e-9' }, 'model'],
    ['a parameter that the model lacks', { quality: 'hd' }, 'quality'],
    ['more pictures than are allowed', { n: 9 }, 'n'],
    ['an aspect ratio that the model lacks', { aspectRatio: '7:1', size: undefined }, 'aspectRatio'],
    ['a collection that keeps no sources', { collection: 'artist.images', entityType: 'artist', entityId: 'x' }, 'collection'],
    ['an input that is not there', { inputs: [{ mediaId: '0190aaaa-0000-7000-8000-000000000000', role: 'image' }] }, 'inputs'],
    ['an unknown name', { colour: 'red' }, ''],
    ['an empty prompt', { prompt: '  ' }, 'prompt'],
  ])('is refused by its name: %s', async (_what, body, field) => {
    const answer = await generate(body);
    expectProblem(answer, 400, 'invalid_request');
    expect(answer.body.errors.map((problem: { field: string }) => problem.field)).toContainEqual(expect.stringContaining(field));
  });

  test('from a provider that is not configured is answered provider_disabled', async () => {
    expectProblem(await ask('POST', '/generate/video', { ...user, body: { prompt: 'a lamp', provider: 'gemini' } }), 409, 'provider_disabled');
    const { models } = (await ask('GET', '/generate/models', user)).body;
    expect(models.map(({ model }: { model: string }) => model)).toEqual(['local-image', 'local-video']);
  });

  test('twice under one Idempotency-Key is one job', async () => {
    const key = { 'idempotency-key': crypto.randomUUID() };
    const [first, second] = [await generate({}, key), await generate({}, key)];
    expect(second.body.jobId).toBe(first.body.jobId);
  });

  test('beyond the number that may run at once is answered quota_exceeded, without a time when to retry', async () => {
    const other = await newUser();
    const slow = { prompt: 'slow', provider: 'local', size: '64x64', providerOptions: { local: { delayMs: 60_000 } } };
    const answers = await Promise.all(Array.from({ length: 6 }, async () => await ask('POST', '/generate/image', { ...other, body: slow })));
    const refused = answers.filter(({ status }) => status === 409);
    expect(refused).toHaveLength(2);
    expect(refused[0]?.body).toMatchObject({ code: 'quota_exceeded', resetsAt: null });
    for (const { status, body } of answers) if (status === 202) await ask('DELETE', `/jobs/${body.jobId}`, other);
  });
});
