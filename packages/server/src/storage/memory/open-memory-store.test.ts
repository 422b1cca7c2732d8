import { buffer } from 'node:stream/consumers';
import { describe, expect, test } from 'vitest';
import { storeConformance } from '../store-conformance.ts';
import { openMemoryStore } from './open-memory-store.ts';

storeConformance('the memory store', async () => openMemoryStore({ provider: 'mocked', location: 'memory' }));

describe('the memory store', () => {
  test('says that it is mocked', () => {
    expect(openMemoryStore({ provider: 'mocked', location: 'memory' }).provider).toBe('mocked');
  });

  test('shares no memory with those who write and read', async () => {
    const store = openMemoryStore({ provider: 'mocked', location: 'memory' });
    const bytes = Buffer.from('abc');
    await store.put('a', bytes, { contentType: 'text/plain' });
    bytes.fill('x');
    for (let round = 0; round < 2; round += 1) {
      const got = await store.get('a');
      if (got === null) throw new Error('It was put.');
      const read = await buffer(got.body);
      expect(read.toString()).toBe('abc');
      read.fill('y');
    }
  });
});
