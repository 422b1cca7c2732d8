import type { Media, MediaRules } from '@safelight/contract/api';
import type { IncomingMessage, ServerResponse } from 'node:http';

import { expect, onTestFinished, test, vi } from 'vitest';

import { answer, mediaOf, readBody, refuse, rulesOf, startServer } from '../../test/protocol-server.ts';
import { createClient } from '../create-client.ts';
import type { UploadSnapshot, UploadTask } from './upload.ts';

const jobId = '01930000-0000-7000-8000-00000000000a';
const photo = (bytes = 400_000, type = 'image/jpeg'): File => new File([new Uint8Array(bytes).fill(7)], 'boots.jpg', { type });
const destination = { collection: 'listing.photos', entityType: 'listing', entityId: '9f3' };

type Scene = {
  rules?: Partial<MediaRules>;
  /** The record, each time it is read. */
  media?: () => Media;
  events?: (response: ServerResponse) => void;
  put?: (request: IncomingMessage, response: ServerResponse) => Promise<void> | void;
  direct?: (request: IncomingMessage, response: ServerResponse) => Promise<void> | void;
};

/** A server that takes presigned and direct uploads, and records what reached it. */
async function stage(scene: Scene = {}) {
  const stored: { bytes: number; headers: IncomingMessage['headers'] }[] = [];
  const bodies: unknown[] = [];
  const server = await startServer(async (request, response) => {
    const route = `${request.method} ${request.url.split('?')[0]}`;
    if (route === 'GET /v1/meta/media-rules') return answer(response, 200, { rules: rulesOf(scene.rules) });
    if (route === 'POST /v1/media/upload/init') {
      bodies.push(JSON.parse((await readBody(request)).toString()));
      const headers = { 'content-type': 'image/jpeg', 'x-signed': 'yes' };
      return answer(response, 201, { uploadId: 'u1', method: 'PUT', uploadURL: '/storage/u1?signature=s', headers, objectPath: 'media/ada/1/boots.jpg' });
    }
    if (route === 'PUT /storage/u1') {
      if (scene.put) return scene.put(request, response);
      stored.push({ bytes: (await readBody(request)).byteLength, headers: request.headers });
      return void response.writeHead(200).end();
    }
    if (route === 'POST /v1/media/upload/complete') return answer(response, 202, { jobId, media: mediaOf(), path: 'media/ada/1/boots.jpg', url: null });
    if (route === 'POST /v1/media' && scene.direct) return scene.direct(request, response);
    if (route === `GET /v1/media/${mediaOf().id}`)
      return answer(response, 200, { media: (scene.media ?? (() => mediaOf({ status: 'ready', src: '/media/x' })))() });
    if (route === 'GET /v1/jobs')
      return answer(response, 200, { jobs: [{ id: jobId, state: 'active', progress: 0.25, message: 'decoding' }], nextCursor: null });
    if (route === 'DELETE /v1/media/upload/u1') return answer(response, 200, {});
    if (route === 'GET /v1/events' && scene.events) {
      response.writeHead(200, { 'content-type': 'text/event-stream' }).write(': hello\n\n');
      return scene.events(response);
    }
    return refuse(response, 'not_found', `Nothing at ${route}.`);
  });
  return { ...server, stored, bodies };
}

/** All states that a subscriber sees, in order. */
function watch(task: UploadTask): UploadSnapshot[] {
  const seen = [task.getSnapshot()];
  task.subscribe(() => seen.push(task.getSnapshot()));
  return seen;
}
const statesOf = (seen: UploadSnapshot[]): string[] => seen.map(({ state }) => state).filter((state, index, all) => state !== all[index - 1]);

test('goes straight to storage, reports real progress, and resolves with the ready record', async () => {
  let status: Media['status'] = 'processing';
  const tell = (name: string, data: object): string =>
    `id: 1\nevent: ${name}\ndata: ${JSON.stringify({ jobId, mediaId: mediaOf().id, at: 'now', ...data })}\n\n`;
  const scene = await stage({
    media: () => mediaOf({ status, src: status === 'ready' ? '/media/x' : null }),
    events: (response) => {
      response.write(tell('processing_started', { message: 'decoding' }));
      response.write(tell('processing_progress', { progress: 0.6, message: 'card' }), () => {
        status = 'ready';
        response.write(tell('processing_complete', {}));
      });
    },
  });
  const task = createClient({ baseURL: scene.baseURL, token: 'secret' }).upload(photo(), destination);
  const seen = watch(task);
  expect(await task.result).toMatchObject({ url: '/media/x', path: 'media/ada/1/boots.jpg', media: { status: 'ready' } });

  expect(statesOf(seen)).toEqual(['checking', 'uploading', 'processing', 'done']);
  const sent = seen.filter(({ state }) => state === 'uploading').map(({ bytesSent }) => bytesSent);
  expect(sent).toEqual(sent.toSorted((a, b) => a - b));
  expect(new Set(sent).size, 'more than nothing and everything').toBeGreaterThan(2);
  expect(seen).toContainEqual(expect.objectContaining({ state: 'processing', progress: 0.6, message: 'card' }));
  expect(task.getSnapshot()).toMatchObject({ progress: 1, bytesSent: 400_000, bytesTotal: 400_000, error: null });

  expect(scene.bodies).toEqual([{ ...destination, filename: 'boots.jpg', contentType: 'image/jpeg', byteSize: 400_000 }]);
  expect(scene.stored).toEqual([
    { bytes: 400_000, headers: expect.objectContaining({ 'content-length': '400000', 'x-signed': 'yes', 'content-type': 'image/jpeg' }) },
  ]);
  expect(scene.stored[0]?.headers.authorization, 'the token never goes to storage').toBeUndefined();
});

test('polls if no stream can be opened', async () => {
  let reads = 0;
  const scene = await stage({ media: () => mediaOf({ status: (reads += 1) < 2 ? 'processing' : 'ready' }) });
  const task = createClient({ baseURL: scene.baseURL }).upload(photo(), destination);
  const seen = watch(task);
  await task.result;
  expect(seen).toContainEqual(expect.objectContaining({ state: 'processing', progress: 0.25, message: 'decoding' }));
});

test('sends a file of an inline collection in one request and gets the ready record in its answer', async () => {
  const forms: FormData[] = [];
  const scene = await stage({
    rules: { ingest: 'inline' },
    direct: async (request, response) => {
      const type = request.headers['content-type'] ?? '';
      forms.push(await new Response(new Uint8Array(await readBody(request)), { headers: { 'content-type': type } }).formData());
      answer(response, 201, { media: mediaOf({ status: 'ready', src: '/media/y' }) });
    },
  });
  const task = createClient({ baseURL: scene.baseURL }).upload(photo(), { ...destination, altText: 'Boots', sortOrder: 3 });
  const seen = watch(task);
  expect(await task.result).toMatchObject({ url: '/media/y', path: null });
  expect(statesOf(seen)).toEqual(['checking', 'uploading', 'done']);
  const [form] = forms;
  expect(Object.fromEntries([...(form ?? [])].map(([name, value]) => [name, value instanceof File ? `${value.name} ${value.size}` : value]))).toEqual({
    ...destination,
    altText: 'Boots',
    sortOrder: '3',
    file: 'boots.jpg 400000',
  });
});

test('checks the rules as advice, but lets the server decide', async () => {
  const scene = await stage({ rules: { acceptedTypes: ['image/png'] } });
  const task = createClient({ baseURL: scene.baseURL }).upload(photo(), destination);
  expect((await task.result).media.status).toBe('ready');
  expect(task.getSnapshot().advice).toMatchObject({ code: 'unsupported_type' });
});

test('sends the bytes again if storage failed on the way', async () => {
  let puts = 0;
  const scene = await stage({
    put: async (request, response) => {
      puts += 1;
      if (puts === 1) return void request.destroy();
      if (puts === 2) return refuse(response, 'storage_unavailable', 'No disk.', { 'retry-after': '0' });
      await readBody(request);
      response.writeHead(200).end();
    },
  });
  await createClient({ baseURL: scene.baseURL }).upload(photo(), destination).result;
  expect(puts).toBe(3);
});

test('completes if a bucket refuses the second PUT because only its first answer was lost', async () => {
  const puts: number[] = [];
  const scene = await stage({
    put: async (request, response) => {
      await readBody(request);
      if (puts.push(1) === 1) return void request.socket.destroy();
      response.writeHead(412, { 'content-type': 'application/xml' }).end('<Error><Code>PreconditionFailed</Code></Error>');
    },
  });
  expect((await createClient({ baseURL: scene.baseURL }).upload(photo(), destination).result).media.status).toBe('ready');
  expect(puts).toHaveLength(2);
});

test('fails with the refusal of a bucket that was sent the bytes only once', async () => {
  const scene = await stage({
    put: async (request, response) => {
      await readBody(request);
      response.writeHead(412).end();
    },
  });
  await expect(createClient({ baseURL: scene.baseURL }).upload(photo(), destination).result).rejects.toMatchObject({ status: 412 });
  expect(scene.requests).not.toContain('POST /v1/media/upload/complete');
});

test('fails with the reason in the record', async () => {
  const failure = { stage: 'process', code: 'corrupt_media', message: 'The picture ends in the middle.', retryable: false, attempts: 1 };
  const scene = await stage({ media: () => mediaOf({ status: 'failed', failure }) });
  const task = createClient({ baseURL: scene.baseURL }).upload(photo(), destination);
  await expect(task.result).rejects.toMatchObject({ code: 'corrupt_media', detail: 'The picture ends in the middle.', retryable: false });
  expect(task.getSnapshot()).toMatchObject({ state: 'failed', error: { code: 'corrupt_media' }, media: { originalFileName: 'boots.jpg' } });
});

test('fails with the server’s refusal of a file', async () => {
  const scene = await stage({ rules: { ingest: 'inline' }, direct: (_request, response) => refuse(response, 'unsupported_type', 'Only photos.') });
  const task = createClient({ baseURL: scene.baseURL }).upload(photo(10), destination);
  await expect(task.result).rejects.toMatchObject({ code: 'unsupported_type', detail: 'Only photos.', requestId: 'req-1' });
});

test('can be aborted by itself and by a signal, in the middle of the bytes', async () => {
  const arrived = Promise.withResolvers<void>();
  const scene = await stage({
    put: (request) => {
      request.once('data', () => arrived.resolve());
    },
  });
  const client = createClient({ baseURL: scene.baseURL });
  const task = client.upload(photo(16_000_000), destination);
  await arrived.promise;
  task.abort(new Error('Not this one.'));
  await expect(task.result).rejects.toThrow('Not this one.');
  expect(task.getSnapshot()).toMatchObject({ state: 'aborted', error: null });
  expect(task.getSnapshot().bytesSent).toBeLessThan(16_000_000);
  await expect.poll(() => scene.requests).toContain('DELETE /v1/media/upload/u1');

  const late = client.upload(photo(10), destination, { signal: AbortSignal.abort(new Error('Page left.')) });
  await expect(late.result).rejects.toThrow('Page left.');
});

test('files of one batch request the rules once, and share one event stream', async () => {
  const ready = mediaOf({ status: 'ready' });
  let followers = 0;
  const scene = await stage({ media: () => (followers > 0 ? ready : mediaOf({ status: 'processing' })), events: () => void (followers += 1) });
  const client = createClient({ baseURL: scene.baseURL });
  await Promise.all(Array.from({ length: 8 }, () => client.upload(photo(1000), destination).result));
  expect(scene.requests.filter((request) => request.startsWith('GET /v1/meta/media-rules'))).toHaveLength(1);
  expect(followers).toBe(1);
});

/** A network to the server that fails at the request whose URL contains `at`, until it is told to recover. */
function brokenWay(at: string) {
  const way = { isDown: false, isMended: false, attempts: 0 };
  const through: typeof fetch = async (input, init) => {
    if (!way.isMended && new Request(input).url.includes(at)) way.isDown = true;
    if (!way.isDown) return await fetch(input, init);
    way.attempts += 1;
    throw new TypeError('fetch failed');
  };
  const mend = (): void => void Object.assign(way, { isDown: false, isMended: true });
  return { way, fetch: through, mend };
}

test.each(['media-rules', 'upload/init', '/storage/', 'upload/complete'])(
  'waits out ten minutes without a network that began at %s, and says so',
  async (at) => {
    const scene = await stage();
    const broken = brokenWay(at);
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] });
    onTestFinished(() => void vi.useRealTimers());
    const from = Date.now();
    const task = createClient({ baseURL: scene.baseURL, fetch: broken.fetch }).upload(photo(), destination);
    await vi.waitUntil(() => task.getSnapshot().waitingFor !== null);
    expect(task.getSnapshot()).toMatchObject({ waitingFor: 'network', message: 'Waiting for the network', error: null });
    // Detecting the loss takes time as well; it waits exactly ten minutes.
    await vi.advanceTimersByTimeAsync(599_000 - (Date.now() - from));
    expect(task.getSnapshot()).toMatchObject({ waitingFor: 'network', error: null });
    expect(broken.way.attempts, 'a back-off, not a storm').toBeLessThan(800);
    broken.mend();
    await vi.advanceTimersByTimeAsync(10_000);
    vi.useRealTimers();
    await task.result;
    expect(task.getSnapshot()).toMatchObject({ state: 'done', waitingFor: null, message: null });
    expect(scene.stored).toHaveLength(1);
  },
);

test('gives up at last if the network stays away, with a retryable error', async () => {
  const scene = await stage();
  const broken = brokenWay('upload/init');
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] });
  onTestFinished(() => void vi.useRealTimers());
  const task = createClient({ baseURL: scene.baseURL, fetch: broken.fetch }).upload(photo(), destination);
  await vi.waitUntil(() => task.getSnapshot().waitingFor !== null);
  await vi.advanceTimersByTimeAsync(700_000);
  await expect(task.result).rejects.toMatchObject({ code: 'network_error', retryable: true });
  expect(task.getSnapshot()).toMatchObject({ state: 'failed', waitingFor: null });
});

test('a file that was changed since it was chosen is distinguished from a lost network', async () => {
  const scene = await stage();
  const broken = brokenWay('/storage/');
  const file = photo();
  const unreadable = (): Blob => Object.assign(new Blob(), { arrayBuffer: () => Promise.reject(new DOMException('changed', 'NotReadableError')) });
  Object.assign(file, { slice: unreadable });
  const task = createClient({ baseURL: scene.baseURL, fetch: broken.fetch }).upload(file, destination);
  await expect(task.result).rejects.toMatchObject({ code: 'file_unreadable', retryable: false, detail: expect.stringContaining('Choose it again') });
});

test('an aborted upload no longer waits for the network', async () => {
  const scene = await stage();
  const task = createClient({ baseURL: scene.baseURL, fetch: brokenWay('upload/init').fetch }).upload(photo(), destination);
  await expect.poll(() => task.getSnapshot().waitingFor).toBe('network');
  task.abort(new Error('Not this one.'));
  await expect(task.result).rejects.toThrow('Not this one.');
  expect(task.getSnapshot()).toMatchObject({ state: 'aborted', waitingFor: null });
});
