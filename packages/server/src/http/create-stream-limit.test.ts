import { expect, test } from 'vitest';

import type { Actor } from '../lib/context.ts';
import { createStreamLimit } from './create-stream-limit.ts';

const ada: Actor = { id: 'ada', scopes: new Set(), via: 'token' };
const keyFor = (owner: string): Actor => ({ id: owner, scopes: new Set(), via: 'key', keyId: 'shop' });
const refusal = expect.objectContaining({ code: 'rate_limited', detail: expect.stringMatching(/\b2\b/), headers: { 'retry-after': expect.any(String) } });

test('a caller can open another stream only after closing one', () => {
  const take = createStreamLimit({ perCaller: 2, perKey: 10 });
  const give = take(ada);
  take(ada);
  expect(() => take(ada)).toThrow(refusal);
  take({ ...ada, id: 'grace' });
  give();
  // Closing a stream twice frees only one place.
  give();
  take(ada);
  expect(() => take(ada)).toThrow(refusal);
});

test('a key that acts for many owners has a limit of its own above theirs, which another owner does not evade', () => {
  const take = createStreamLimit({ perCaller: 1, perKey: 2 });
  const give = take(keyFor('ada'));
  expect(() => take(keyFor('ada'))).toThrow(/1 stream of events/);
  take(keyFor('grace'));
  expect(() => take(keyFor('eve'))).toThrow(refusal);
  // A refused stream takes no place.
  give();
  take(keyFor('eve'));
});

test('an owner’s own streams are not used up by a key that acts for that owner', () => {
  const take = createStreamLimit({ perCaller: 1, perKey: 2 });
  take(keyFor('ada'));
  take(ada);
  expect(() => take(ada)).toThrow(/1 stream of events/);
});
