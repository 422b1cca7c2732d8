import { expect, test } from 'vitest';

import { openMemoryStore } from './memory/open-memory-store.ts';
import { meterStores, type StoreCall } from './meter-stores.ts';
import { storesOf } from './stores.ts';

test('each call of a store is reported when it ends, with the code of its failure; an abort by the caller is no failure', async () => {
  const calls: Omit<StoreCall, 'seconds'>[] = [];
  const opened = storesOf([openMemoryStore({ provider: 'mocked', location: 'memory' })], { staging: 'mocked:memory', final: 'mocked:memory' });
  const stores = meterStores(opened, ({ seconds, ...call }) => {
    expect(seconds).toBeGreaterThanOrEqual(0);
    calls.push(call);
  });
  const store = stores.active('final');
  expect(stores.of({ provider: 'mocked', location: 'memory' })).toBe(store);
  expect(stores.all()).toEqual([store]);
  await store.put('a', Buffer.from('abc'), { contentType: 'text/plain' });
  await expect(store.put('a', Buffer.from('abcd'), { contentType: 'text/plain', ifAbsent: true })).rejects.toMatchObject({ code: 'conflict' });
  await expect(store.head('a', { signal: AbortSignal.abort() })).rejects.toThrow();
  expect(await store.head('a')).toMatchObject({ bytes: 3 });
  const known = { store: 'mocked:memory', bytes: 0, code: null };
  expect(calls).toEqual([
    { ...known, operation: 'put', bytes: 3 },
    { ...known, operation: 'put', code: 'conflict' },
    { ...known, operation: 'head' },
  ]);
});
