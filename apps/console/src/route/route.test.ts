import { expect, test } from 'vitest';

import { hrefOf, parseRoute } from './route.ts';

test('a route is the same after being written and read', () => {
  const query = new URLSearchParams({ collection: 'listing.photos', kind: 'image' });
  const { page, id, query: read } = parseRoute(hrefOf('library', 'a/b?c', query));
  expect([page, id, read.toString()]).toEqual(['library', 'a/b?c', query.toString()]);
});

test.each(['', '#', '#/'])('an empty fragment %j names no page', (hash) => {
  expect(parseRoute(hash)).toMatchObject({ page: '', id: null });
});
