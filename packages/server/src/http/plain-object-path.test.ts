import { expect, test } from 'vitest';

import { plainObjectPath } from './plain-object-path.ts';

test.each([
  ['DELETE', '/v1/media/media%2Fsam%2f1%2Fa%252Fb.jpg?force=true%2F', '/v1/media/media/sam/1/a%252Fb.jpg?force=true%2F'],
  ['DELETE', '/v1/media/media/sam/1/a.jpg', '/v1/media/media/sam/1/a.jpg'],
  ['GET', '/v1/media/a%2Fb', '/v1/media/a%2Fb'],
  ['DELETE', '/v1/grants/a%2Fb', '/v1/grants/a%2Fb'],
])('the slashes of an object path in %s %s are slashes', (method, url, plain) => {
  expect(plainObjectPath({ method }, url, '/v1')).toBe(plain);
});
