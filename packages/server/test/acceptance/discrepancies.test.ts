import { expect, test } from 'vitest';

import { ask, expectProblem, into, needsUsers, newUser, readyMedia } from './support/api.ts';
import { smallPicture } from './support/pictures.ts';

const report = '/admin/discrepancies';

test('after an upload, records and storage agree', async () => {
  const media = await readyMedia(into('listing.photos'), { bytes: await smallPicture('jpeg', 1200, 900), name: 'a.jpg' });
  const { status, body, headers } = await ask('POST', report, { body: { prefix: `media/${media.ownerId}/${media.id}` } });
  expect(status).toBe(200);
  expect(headers.get('cache-control')).toBe('no-store');
  expect(body).toEqual({
    discrepancies: [],
    summary: { total: 0, missing_object: 0, size_mismatch: 0, unknown_object: 0, stuck_writing: 0, stuck_deleting: 0, uncheckedStores: [] },
  });
});

test('answers CSV to a client that asks for it', async () => {
  const { status, headers, bytes } = await ask('POST', report, { body: { prefix: 'media/nobody' }, headers: { accept: 'text/csv' } });
  expect({ status, type: headers.get('content-type') }).toEqual({ status: 200, type: 'text/csv; charset=utf-8' });
  expect(bytes.toString()).toBe('class,provider,location,key,objectId,assetId,role,expectedBytes,actualBytes,detail\r\n');
});

test('an impossible store or path is answered as a problem, not as half a report', async () => {
  expectProblem(await ask('POST', report, { body: { store: 's3:elsewhere' } }), 400, 'invalid_request');
  expectProblem(await ask('POST', report, { body: { prefix: 'media/../secrets' } }), 400, 'invalid_request');
  expectProblem(await ask('POST', report, { body: { everything: true } }), 400, 'invalid_request');
});

test.skipIf(needsUsers !== null)('is for administrators alone', async () => {
  expectProblem(await ask('POST', report, { token: null, body: {} }), 401, 'unauthenticated');
  const { token } = await newUser({ scope: 'media:manage' });
  expectProblem(await ask('POST', report, { token, body: {} }), 403, 'forbidden');
});
