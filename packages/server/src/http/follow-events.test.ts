import { expect, test } from 'vitest';

import type { StoredEvent } from '../events/stored-event.ts';
import type { Actor } from '../lib/context.ts';
import { maySeeEvent } from './follow-events.ts';

const event = (name: StoredEvent['name'], entity: StoredEvent['entity']): StoredEvent => ({
  shard: 0,
  seq: 1,
  name,
  ownerId: 'ada',
  collection: 'listing.photos',
  entity,
  mediaId: null,
  jobId: null,
  at: new Date(0),
  payload: {},
});
const key = (...scopes: ('media:read' | 'media:review' | 'media:manage')[]): Actor => ({
  id: 'ada',
  via: 'key',
  scopes: new Set(scopes),
  entities: ['listing/9f3'],
});
const here = { type: 'listing', id: '9f3' };

test.each([[key('media:read')], [key('media:review')], [key('media:manage')]])(
  'a bound API key follows what happens within its patterns and nothing else',
  (actor) => {
    expect(maySeeEvent(actor, event('upload_complete', here))).toBe(true);
    for (const name of ['upload_complete', 'review_queued', 'media_deleted'] as const)
      for (const entity of [null, { type: 'listing', id: 'other' }]) expect(maySeeEvent(actor, event(name, entity)), name).toBe(false);
  },
);

test('a person follows their own story wherever it happens', () => {
  const ada: Actor = { id: 'ada', via: 'token', scopes: new Set(['media:read']), entities: ['artist/*'] };
  expect(maySeeEvent(ada, event('upload_complete', here))).toBe(true);
  expect(maySeeEvent({ ...ada, id: 'eve' }, event('upload_complete', here))).toBe(false);
});
