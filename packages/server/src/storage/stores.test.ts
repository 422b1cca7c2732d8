import { describe, expect, test } from 'vitest';
import { temporaryDirectory } from '../../test/support/temporary-directory.ts';
import { openMemoryStore } from './memory/open-memory-store.ts';
import { openStores, storesOf } from './stores.ts';

describe('stores', () => {
  test('finds each object by its own locator, also in a store that no longer has a role', async () => {
    const stores = await openStores({
      stores: [
        { provider: 'filesystem', location: 'old', root: await temporaryDirectory() },
        { provider: 'filesystem', location: 'new', root: await temporaryDirectory() },
        { provider: 'mocked', location: 'uploads' },
      ],
      roles: { staging: 'mocked:uploads', final: 'filesystem:new' },
    });
    expect(stores.active('staging').provider).toBe('mocked');
    expect(stores.active('final').location).toBe('new');
    const old = stores.of({ provider: 'filesystem', location: 'old' });
    await old.put('a', Buffer.from('a'), { contentType: 'text/plain' });
    expect(await stores.active('final').head('a')).toBeNull();
    expect(await old.head('a')).not.toBeNull();
    await stores.close();
  });

  test('says which store is not configured', () => {
    const stores = storesOf([openMemoryStore({ provider: 'mocked', location: 'm' })], { staging: 'mocked:m', final: 'mocked:m' });
    expect(() => stores.of({ provider: 's3', location: 'gone' })).toThrow(
      expect.objectContaining({ code: 'storage_unavailable', message: expect.stringContaining('s3:gone') }),
    );
    expect(() => storesOf([], { staging: 'mocked:m', final: 'mocked:m' })).toThrow('mocked:m');
  });
});
