import { describe, expect, test } from 'vitest';

import type { Actor } from '../lib/context.ts';
import { mayRead, type Asked, type MayRead, type ReadableAsset } from './may-read.ts';

const user = (id: string, scopes: Actor['scopes'] = new Set(['media:read', 'media:write'])): Actor => ({ id, scopes, via: 'token' });
const key = (id: string, entities?: string[], scopes: Actor['scopes'] = new Set(['media:read', 'media:write'])): Actor => ({
  id,
  scopes,
  via: 'key',
  keyId: 'k',
  ...(entities === undefined ? {} : { entities }),
});

/** The asset belongs to ada, at listing/9f3. */
const actors = {
  nobody: { id: '', scopes: new Set() } satisfies Actor,
  ada: user('ada'),
  'ada, who may write elsewhere': { ...user('ada'), entities: ['listing/other'] },
  'a person who may write there': { ...user('eve'), entities: ['listing/9f3'] },
  eve: user('eve'),
  moderator: user('moderator', new Set(['media:read', 'media:review'])),
  manager: user('boss', new Set(['media:read', 'media:manage'])),
  'a key for ada': key('ada'),
  'a key for ada, bound there': key('ada', ['listing/*']),
  'a key for ada, bound elsewhere': key('ada', ['listing/other', 'artist/*']),
  'a key for ada, bound to nothing': key('ada', []),
  'a managing key, bound elsewhere': key('key:x', ['artist/*'], new Set(['media:manage'])),
};
type Name = keyof typeof actors;

const own: Name[] = ['ada', 'ada, who may write elsewhere', 'a person who may write there', 'manager', 'a key for ada', 'a key for ada, bound there'];
const visibilities = ['public', 'unlisted', 'owner', 'grant'] as const;
const states = { published: { published: true, deleted: false }, hidden: { published: false, deleted: false }, deleted: { published: false, deleted: true } };
const ways: Asked['as'][] = ['record', 'asset', 'artifact'];

/**
 * Who may read without owning it, written out a second time as a table; everything else follows from ownership, then the grant, then the signature.
 */
const openTo: Record<(typeof visibilities)[number], Asked['as'][]> = { public: ways, unlisted: ['artifact'], owner: [], grant: ['artifact'] };

const asset = (given: Partial<ReadableAsset>): ReadableAsset => ({
  owner_id: 'ada',
  entity_type: 'listing',
  entity_id: '9f3',
  published: true,
  deleted: false,
  visibility: 'public',
  ...given,
});

describe.each(Object.keys(actors) as Name[])('%s', (name) => {
  describe.each(visibilities)('in a collection that is %s', (visibility) => {
    test.each(Object.keys(states) as (keyof typeof states)[])('reads what is %s as the table says', (state) => {
      for (const as of ways)
        for (const signature of [null, 'preview', 'signed'] as const)
          for (const granted of [false, true]) {
            const isOpen = state === 'published' && openTo[visibility].includes(as);
            const outcomes: [boolean, MayRead][] = [
              [state === 'deleted', granted ? 'grant' : 'no'],
              [isOpen && as === 'artifact', 'open'],
              [own.includes(name), 'own'],
              [isOpen, 'open'],
              [granted, 'grant'],
              [as !== 'record' && signature === 'signed', 'signed'],
              [as === 'artifact' && signature === 'preview', 'preview'],
            ];
            const expected = outcomes.find(([applies]) => applies)?.[1] ?? 'no';
            expect(mayRead(actors[name], asset({ ...states[state], visibility }), { as, signature, granted }), `${as} ${signature} ${granted}`).toBe(expected);
          }
    });
  });
});

test('media without an entity cannot be reached with a bound key, and otherwise belong to their owner', () => {
  const library = asset({ entity_type: null, entity_id: null, visibility: 'unlisted' });
  const why = (name: Name) => mayRead(actors[name], library, { as: 'record' });
  expect(why('ada')).toBe('own');
  expect(why('ada, who may write elsewhere')).toBe('own');
  expect(why('a key for ada')).toBe('own');
  for (const name of [
    'a key for ada, bound there',
    'a key for ada, bound elsewhere',
    'a managing key, bound elsewhere',
    'a person who may write there',
  ] as const)
    expect(why(name), name).toBe('no');
});
