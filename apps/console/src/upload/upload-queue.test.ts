import { createClient } from '@safelight/client';
import { expect, test } from 'vitest';

import { rulesOf } from '../../../../packages/client/test/protocol-server.ts';
import { describeSum, sumUpUploads } from './sum-up-uploads.ts';
import { createUploadQueue, isUnsent } from './upload-queue.ts';

const destination = { collection: 'user.library' };
const rules = rulesOf({ collection: 'user.library', entityType: null, acceptedTypes: ['*/*'] });
const record = { id: '01930000-0000-7000-8000-000000000001', status: 'processing' };

/** A server that takes every file and never ends processing one; which opening it answers is up to the test. */
function busyServer() {
  const taken: string[] = [];
  const answer = (body: unknown, status = 200): Response => Response.json(body, { status });
  const through: typeof fetch = async (input, init) => {
    const request = new Request(input, init);
    const { pathname } = new URL(request.url);
    if (pathname.endsWith('/media-rules')) return answer({ rules });
    if (pathname.endsWith('/init')) return answer({ uploadId: 'u', method: 'PUT', uploadURL: 'http://media.test/put', headers: {}, objectPath: 'p' }, 201);
    if (pathname === '/put') {
      await request.arrayBuffer();
      return new Response(null, { status: 200 });
    }
    if (pathname.endsWith('/complete')) {
      taken.push(pathname);
      return answer({ media: record, jobId: 'j', path: 'p', url: null }, 202);
    }
    if (pathname.includes('/jobs')) return answer({ jobs: [], nextCursor: null });
    if (pathname.includes('/events')) return answer({ code: 'unavailable', detail: 'no stream' }, 503);
    return answer({ media: record });
  };
  return { taken, fetch: through };
}

test('a slot is free as soon as the server has the bytes, however long it works on them', async () => {
  const server = busyServer();
  const queue = createUploadQueue(createClient({ baseURL: 'http://media.test', fetch: server.fetch }), async () => null);
  queue.add(
    Array.from({ length: 12 }, (_, index) => new File(['a photo'], `${index}.jpg`)),
    destination,
    rules,
  );
  await expect.poll(() => server.taken.length).toBe(12);
  await expect.poll(() => queue.getSnapshot().items.every(({ task }) => task?.getSnapshot().state === 'processing')).toBe(true);
  expect(queue.getSnapshot().items.some(isUnsent), 'nothing is lost by closing the tab').toBe(false);
  const sum = sumUpUploads(queue.getSnapshot().items);
  expect(sum).toMatchObject({ files: 12, filesSent: 12, bytes: 84, bytesSent: 84, left: 0 });
  expect(describeSum(sum)).toBe('All 12 files have arrived. You may close this tab.');
  for (const { key } of queue.getSnapshot().items) queue.remove(key);
});

test('says that the tab is needed while a file is not sent, and what stays behind', () => {
  const sum = { files: 3, filesSent: 1, bytes: 9, bytesSent: 3, left: 0, isWaiting: false };
  expect(describeSum(sum)).toBe('1 of 3 sent. Leave this tab open.');
  expect(describeSum({ ...sum, isWaiting: true })).toBe('1 of 3 sent. Waiting, and going on by itself: leave this tab open.');
  expect(describeSum({ ...sum, filesSent: 3, left: 1 })).toBe('3 files arrived. One file not sent: see below.');
  expect(describeSum({ ...sum, files: 1, filesSent: 1 })).toBe('The file has arrived. You may close this tab.');
});
