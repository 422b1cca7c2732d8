import { operations } from '@safelight/contract/operations';
import { expect, test } from 'vitest';

import { routes } from './routes.ts';

test('the client knows every operation of the contract, and no other', () => {
  const told = Object.entries(operations).map(([id, { method, path, ...rest }]) => [
    id,
    { method, path, ...('idempotent' in rest ? { idempotent: rest.idempotent } : {}) },
  ]);
  expect(routes).toEqual(Object.fromEntries(told));
});
