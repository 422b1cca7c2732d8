import { expect, test } from 'vitest';

import { loggedPath } from './logged-path.ts';

test.each([
  ['/v1/media?signature=k1.abc.def', '/v1/media', '/v1/media'],
  ['/v1/companion/s3/multipart', '/v1/companion/s3/multipart', '/v1/companion/s3/multipart'],
  ['/v1/companion/ey.J0.secret/s3/params?filename=a', '/v1/companion/:token/s3/params', '/v1/companion/:token/s3/params'],
  // A preflight, and what is not there.
  ['/v1/companion/ey.J0.secret/s3/multipart', '/*', '/v1/companion/:token/s3/multipart'],
  ['/v1/companion/ey.J0.secret/s3/nowhere', undefined, '/v1/companion/:token/s3/nowhere'],
  ['/companion/ey.J0.secret', undefined, '/companion/:token'],
])('the log knows %j as %3$j', (url, route, known) => {
  expect(loggedPath(url, route)).toBe(known);
});
