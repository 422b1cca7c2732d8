import { expect, test } from 'vitest';

import { interestsIn } from '../events/interests.ts';
import type { StoredEvent } from '../events/stored-event.ts';
import type { Actor } from '../lib/context.ts';
import { interestsOf, maySeeEvent } from './follow-events.ts';

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

test('people receive the events about their own media, wherever they happen', () => {
  const ada: Actor = { id: 'ada', via: 'token', scopes: new Set(['media:read']), entities: ['artist/*'] };
  expect(maySeeEvent(ada, event('upload_complete', here))).toBe(true);
  expect(maySeeEvent({ ...ada, id: 'eve' }, event('upload_complete', here))).toBe(false);
});

test('everybody who may see an event is subscribed to one of its names', () => {
  const scopes: Actor['scopes'][] = [[], ['media:read'], ['media:review'], ['media:manage'], ['media:review', 'media:manage']].map(
    (some) => new Set(some as Iterable<'media:read'>),
  );
  const patterns = [undefined, [], ['listing/9f3'], ['listing/*', 'artist/42'], ['artist/a/b']];
  const entities = [null, here, { type: 'listing', id: 'other' }, { type: 'artist', id: 'a/b' }];
  let seen = 0;
  for (const via of ['key', 'token', undefined] as const)
    for (const id of ['ada', 'eve'])
      for (const held of scopes)
        for (const entitiesOf of patterns)
          for (const name of ['upload_complete', 'review_queued', 'policy_changed', 'media_deleted'] as const)
            for (const entity of entities) {
              const actor: Actor = { id, scopes: held, ...(via === undefined ? {} : { via }), ...(entitiesOf === undefined ? {} : { entities: entitiesOf }) };
              const told = event(name, entity);
              if (!maySeeEvent(actor, told)) continue;
              seen += 1;
              expect(
                interestsIn(told).some((one) => interestsOf(actor).includes(one)),
                JSON.stringify({ actor, scopes: [...held], told }),
              ).toBe(true);
            }
  expect(seen).toBeGreaterThan(500);
});
