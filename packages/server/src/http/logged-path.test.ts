import { expect, test } from 'vitest';

import { loggedPath } from './logged-path.ts';

test.each([
  ['/v1/media?signature=k1.abc.def', '/v1/media'],
  ['/v1/companion/s3/multipart', '/v1/companion/s3/multipart'],
  ['/elsewhere/companion/secret/s3/params?filename=a', '/elsewhere/companion/:token/s3/params'],
  ['/companion/ey.J0.secret', '/companion/:token'],
  ['/s/k1.abc.def/opaque/index.m3u8', '/s/:signature/opaque/index.m3u8'],
  // A token in the wrong place.
  ['/v1/media/eyJhbGciOi.eyJzdWIi.abc', '/v1/media/:token'],
  ['/v1/jobs/sl_secret/x', '/v1/jobs/:token/x'],
])('the log knows %j as %j', (url, known) => {
  expect(loggedPath(url)).toBe(known);
});
