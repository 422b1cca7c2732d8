import { expect, test } from 'vitest';

import type { Actor } from '../lib/context.ts';
import { createStreamLimit } from './create-stream-limit.ts';

/** A server that runs on, and a stream that nobody ends. */
const open = new AbortController().signal;
const end = (): void => undefined;

const ada: Actor = { id: 'ada', scopes: new Set(), via: 'token' };
const keyFor = (owner: string): Actor => ({ id: owner, scopes: new Set(), via: 'key', keyId: 'shop' });
const refusal = expect.objectContaining({ code: 'rate_limited', detail: expect.stringMatching(/\b2\b/), headers: { 'retry-after': expect.any(String) } });

test('a caller can open another stream only after closing one', () => {
  const take = createStreamLimit({ perCaller: 2, perKey: 10 }, open);
  const give = take(ada, end);
  take(ada, end);
  expect(() => take(ada, end)).toThrow(refusal);
  take({ ...ada, id: 'grace' }, end);
  give();
  // Closing a stream twice frees only one place.
  give();
  take(ada, end);
  expect(() => take(ada, end)).toThrow(refusal);
});

test('a key that acts for many owners has a limit of its own above theirs, which another owner does not evade', () => {
  const take = createStreamLimit({ perCaller: 1, perKey: 2 }, open);
  const give = take(keyFor('ada'), end);
  expect(() => take(keyFor('ada'), end)).toThrow(/1 stream of events/);
  take(keyFor('grace'), end);
  expect(() => take(keyFor('eve'), end)).toThrow(refusal);
  // A refused stream takes no place.
  give();
  take(keyFor('eve'), end);
});

test('an owner’s own streams are not used up by a key that acts for that owner', () => {
  const take = createStreamLimit({ perCaller: 1, perKey: 2 }, open);
  take(keyFor('ada'), end);
  take(ada, end);
  expect(() => take(ada, end)).toThrow(/1 stream of events/);
});

test('a server that gives up its work ends the streams that are open, and those that are opened later', () => {
  const closing = new AbortController();
  const take = createStreamLimit({ perCaller: 5, perKey: 5 }, closing.signal);
  const ended: string[] = [];
  const giveFirst = take(ada, () => ended.push('closed before'));
  take(ada, () => ended.push('open'));
  giveFirst();
  closing.abort();
  take(ada, () => ended.push('late'));
  expect(ended).toEqual(['open', 'late']);
});
