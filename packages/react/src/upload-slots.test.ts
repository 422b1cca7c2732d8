import { createClient } from '@safelight/client';
import { expect, test } from 'vitest';

import { rulesOf } from '../../client/test/protocol-server.ts';
import { isUnsent } from './file-upload.ts';
import { createUploads } from './uploads.ts';
import { startWith } from './use-media-upload.ts';

const rules = rulesOf({ collection: 'user.library', entityType: null, acceptedTypes: ['*/*'] });
const record = { id: '01930000-0000-7000-8000-000000000001', status: 'processing' };

/** A server that takes every file and never ends processing one. */
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

test('a slot is free as soon as the server has the bytes, however long it processes them', async () => {
  const server = busyServer();
  const uploads = createUploads({ start: startWith(createClient({ baseURL: 'http://media.test', fetch: server.fetch })) });
  uploads.add(
    Array.from({ length: 12 }, (_, index) => new File(['a photo'], `${index}.jpg`)),
    { destination: { collection: 'user.library' } },
  );
  await expect.poll(() => server.taken.length).toBe(12);
  await expect.poll(() => uploads.getSnapshot().files.every(({ state }) => state === 'processing')).toBe(true);
  expect(uploads.getSnapshot().files.some(isUnsent), 'nothing is lost by closing the tab').toBe(false);
  uploads.dispose();
});
