import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';

import { expect, test } from 'vitest';

import { takeTokenFromPath } from './take-token-from-path.ts';

const long = `ey.${'x'.repeat(6000)}.sig`;

test.each([
  ['/v1/companion/s3/params?filename=a', '/v1/companion/s3/params?filename=a', undefined],
  [`/v1/companion/${long}/s3/params?filename=a`, '/v1/companion/s3/params?filename=a', `Bearer ${long}`],
  ['/v1/companion/sl_key', '/v1/companion', 'Bearer sl_key'],
  ['/v1/companion/%zz/s3/multipart', '/v1/companion/s3/multipart', 'Bearer %zz'],
  ['/v1/companion/a%0d%0ab/s3/multipart', '/v1/companion/s3/multipart', 'Bearer ab'],
  ['/v1/media/companion/x', '/v1/media/companion/x', undefined],
])('the token of %.40s is in the header and not in the path', (url, path, authorization) => {
  const request = Object.assign(new IncomingMessage(new Socket()), { url });
  expect(takeTokenFromPath(request, '/v1')).toBe(path);
  expect(request.headers.authorization).toBe(authorization);
});
