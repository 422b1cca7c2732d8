import { createHash } from 'node:crypto';

import { expect, test } from 'vitest';

import { answer, mediaOf, readBody, refuse, rulesOf, startServer } from '../../test/protocol-server.ts';
import { createClient } from '../create-client.ts';
import type { ResumeStore, Resumable } from './resume-store.ts';
import type { UploadTask } from './upload.ts';

const mebibyte = 2 ** 20;
const partSize = 5 * mebibyte;
const size = 23 * mebibyte + 7;
const jobId = '01930000-0000-7000-8000-00000000000a';
const destination = { collection: 'product.files', entityType: 'product', entityId: '9f3' };
const content = Buffer.from(Uint32Array.from({ length: Math.ceil(size / 4) }, (_, index) => Math.imul(index, 2_654_435_761)).buffer).subarray(0, size);
const film = (name = 'film.bin'): File => new File([content], name, { type: 'application/octet-stream', lastModified: 1 });
const digest = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

const memoryStore = (): ResumeStore & { kept: Map<string, Resumable> } => {
  const kept = new Map<string, Resumable>();
  return { kept, read: async (key) => kept.get(key), write: async (key, begun) => void kept.set(key, begun), remove: async (key) => void kept.delete(key) };
};

/** A server that takes parts; `onPart` may handle one differently (refuse it, for now or for good), and returns true if it did. */
async function stage(onPart: (partNumber: number, nth: number, later: () => void, forGood: () => void) => boolean = () => false) {
  const uploads = new Map<string, { parts: Map<number, Buffer>; isGone: boolean; puts: number[] }>();
  const whole: string[] = [];
  const server = await startServer(async (request, response) => {
    const [path = '', query = ''] = request.url.split('?');
    const [, uploadId = ''] = /\/upload\/(u\d+)/.exec(path) ?? [];
    const upload = uploads.get(uploadId);
    if (path === '/v1/meta/media-rules') return answer(response, 200, { rules: rulesOf({ ingest: 'queued' }) });
    if (path === '/v1/media/upload/init') {
      await readBody(request);
      const id = `u${uploads.size + 1}`;
      uploads.set(id, { parts: new Map(), isGone: false, puts: [] });
      return answer(response, 201, { uploadId: id, partSize, parts: [], objectPath: 'media/ada/1/film.bin', expiresAt: 'later' });
    }
    if (path.startsWith('/storage/')) {
      const of = uploads.get(path.slice('/storage/'.length));
      const partNumber = Number(new URLSearchParams(query).get('part'));
      of?.puts.push(partNumber);
      const nth = of?.puts.filter((one) => one === partNumber).length ?? 0;
      const body = await readBody(request).catch(() => null);
      if (
        body === null ||
        onPart(
          partNumber,
          nth,
          () => refuse(response, 'storage_unavailable', 'Not now.'),
          () => refuse(response, 'conflict', 'Not ever.'),
        )
      )
        return;
      of?.parts.set(partNumber, body);
      return void response.writeHead(200, { etag: '"e"' }).end();
    }
    if (upload !== undefined && request.method === 'DELETE') {
      upload.isGone = true;
      return answer(response, 200, {});
    }
    if (upload !== undefined && path.endsWith('/parts')) {
      if (upload.isGone) return refuse(response, 'upload_expired', 'It has expired.');
      if (request.method === 'GET')
        return answer(response, 200, { partSize, parts: [...upload.parts].map(([partNumber, bytes]) => ({ partNumber, etag: 'e', byteSize: bytes.length })) });
      const { partNumbers } = JSON.parse((await readBody(request)).toString()) as { partNumbers: number[] };
      return answer(response, 200, { parts: partNumbers.map((partNumber) => ({ partNumber, url: `/storage/${uploadId}?part=${partNumber}`, headers: {} })) });
    }
    if (path === '/v1/media/upload/complete') {
      const { uploadId: id } = JSON.parse((await readBody(request)).toString()) as { uploadId: string };
      const parts = [...(uploads.get(id)?.parts ?? [])].toSorted(([a], [b]) => a - b).map(([, bytes]) => bytes);
      whole.push(digest(Buffer.concat(parts)));
      return answer(response, 202, { jobId, media: mediaOf({ status: 'ready', src: '/media/x' }), path: 'media/ada/1/film.bin', url: '/media/x' });
    }
    return refuse(response, 'not_found', `Nothing at ${path}.`);
  });
  return { client: createClient({ baseURL: server.baseURL, token: 'secret' }), uploads, whole };
}

test('sends a large file in parts, some in parallel, and forgets it at its end', async () => {
  const { client, uploads, whole } = await stage();
  const resumeStore = memoryStore();
  await client.upload(film(), destination, { resumeStore }).result;
  expect(whole).toEqual([digest(content)]);
  expect(uploads.get('u1')?.puts.toSorted()).toEqual([1, 2, 3, 4, 5]);
  expect(resumeStore.kept.size).toBe(0);
});

test('sends a failed part again, and its progress never decreases', async () => {
  const { client, uploads, whole } = await stage((partNumber, nth, refusePart) => {
    if (partNumber !== 2 || nth > 2) return false;
    refusePart();
    return true;
  });
  const task = client.upload(film(), destination, { resumeStore: memoryStore() });
  const shown: number[] = [];
  task.subscribe(() => {
    const { state, progress } = task.getSnapshot();
    if (state === 'uploading' && progress !== null) shown.push(progress);
  });
  await task.result;
  expect(whole).toEqual([digest(content)]);
  expect(uploads.get('u1')?.puts.filter((partNumber) => partNumber === 2)).toHaveLength(3);
  expect(shown).toEqual(shown.toSorted((a, b) => a - b));
});

test('continues with the missing parts when the same file is chosen again', async () => {
  let isBroken = true;
  const { client, uploads, whole } = await stage((partNumber, _nth, _later, refuseForGood) => {
    if (!isBroken || partNumber < 3) return false;
    refuseForGood();
    return true;
  });
  const resumeStore = memoryStore();
  await expect(client.upload(film(), destination, { resumeStore }).result).rejects.toMatchObject({ code: 'conflict' });
  isBroken = false;
  const before = uploads.get('u1')?.puts.length ?? 0;
  await client.upload(film(), destination, { resumeStore }).result;
  expect([uploads.size, whole]).toEqual([1, [digest(content)]]);
  expect(uploads.get('u1')?.puts.slice(before).toSorted()).toEqual([3, 4, 5]);
});

test('cancels an aborted upload, here and on the server', async () => {
  const started: { task?: UploadTask } = {};
  const { client, uploads } = await stage((partNumber) => {
    if (partNumber !== 2) return false;
    started.task?.abort(new Error('Not this one.'));
    return true;
  });
  const resumeStore = memoryStore();
  started.task = client.upload(film(), destination, { resumeStore });
  await expect(started.task.result).rejects.toThrow('Not this one.');
  await expect.poll(() => resumeStore.kept.size).toBe(0);
  await expect.poll(() => uploads.get('u1')?.isGone).toBe(true);
});

test('starts over if the server has dropped the upload', async () => {
  const { client, uploads, whole } = await stage();
  const resumeStore = memoryStore();
  const task = client.upload(film(), destination, { resumeStore });
  await expect.poll(() => resumeStore.kept.size).toBe(1);
  const remembered = [...resumeStore.kept];
  await task.result;
  const [[fingerprint, begun] = ['', { uploadId: '', partSize }]] = remembered;
  resumeStore.kept.set(fingerprint, begun);
  for (const upload of uploads.values()) upload.isGone = true;
  await client.upload(film(), destination, { resumeStore }).result;
  expect([...uploads.keys()]).toEqual(['u1', 'u2']);
  expect(whole).toEqual([digest(content), digest(content)]);
  expect(resumeStore.kept.size).toBe(0);
});

test('pauses, keeps the parts that arrived, and resumes', async () => {
  const started: { task?: UploadTask } = {};
  const { client, uploads, whole } = await stage((partNumber, nth) => {
    if (partNumber !== 2 || nth > 1) return false;
    started.task?.pause();
    return true;
  });
  const paused = client.upload(film(), destination, { resumeStore: memoryStore() });
  started.task = paused;
  await expect.poll(() => paused.getSnapshot().isPaused).toBe(true);
  const puts = uploads.get('u1')?.puts.length;
  expect(whole).toEqual([]);
  paused.resume();
  await paused.result;
  expect(paused.getSnapshot()).toMatchObject({ state: 'done', isPaused: false });
  expect(uploads.get('u1')?.puts.length).toBeGreaterThan(puts ?? 0);
  expect(whole).toEqual([digest(content)]);
});

test('keeps two uploads of the same file apart', async () => {
  const { client, uploads, whole } = await stage();
  const resumeStore = memoryStore();
  await Promise.all([client.upload(film(), destination, { resumeStore }).result, client.upload(film(), destination, { resumeStore }).result]);
  expect(uploads.size).toBe(2);
  expect(whole).toEqual([digest(content), digest(content)]);
});

test('a refused part ends the waiting of all others at once', async () => {
  const { client, uploads, whole } = await stage((partNumber, nth, later, forGood) => {
    if (partNumber !== 3) later();
    else forGood();
    return nth > 0;
  });
  await expect(client.upload(film(), destination, { resumeStore: memoryStore() }).result).rejects.toMatchObject({ code: 'conflict' });
  expect([uploads.size, whole]).toEqual([1, []]);
});
