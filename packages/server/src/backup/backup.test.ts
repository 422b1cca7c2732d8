import { randomUUIDv7 } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';

import { expect, test } from 'vitest';

import { testDatabase } from '../../test/support/database.ts';
import { temporaryDirectory } from '../../test/support/temporary-directory.ts';
import { testUploads } from '../../test/support/uploads.ts';
import { backup, type BackupContext } from './backup.ts';
import { readManifest } from './manifest.ts';

const { db, pool } = await testDatabase();
const { ctx: uploads } = await testUploads({ db });
const ctx: BackupContext = { ...uploads, site: { ...uploads.site, pool } };

const [store] = uploads.site.stores.all();
if (store === undefined) throw new Error('there is no store');
const [id, key] = [randomUUIDv7(), 'media/one'];
await store.put(key, Readable.from(['x']), { contentType: 'text/plain', bytes: 1, signal: ctx.signal });
await db.insertInto('object').values({ id, role: 'source', provider: store.provider, location: store.location, key, bytes: 1, state: 'stored' }).execute();

/** A backup's tables are written when it reads the first object: then `meanwhile` begins and ends. */
function reading(meanwhile: () => Promise<unknown>): BackupContext {
  const { stores } = ctx.site;
  const of: typeof stores.of = (locator) => {
    const found = stores.of(locator);
    return {
      ...found,
      async get(...given) {
        await meanwhile();
        return await found.get(...given);
      },
    };
  };
  return { ...ctx, site: { ...ctx.site, stores: { ...stores, of } } };
}

const tablesIn = async (directory: string): Promise<string[]> => (await readdir(directory)).filter((name) => name.endsWith('.jsonl.gz'));

test('of two at once into one directory one counts and is whole, and the other says that it does not count', async () => {
  const to = path.join(await temporaryDirectory(), 'backup');
  await expect(
    backup(
      reading(async () => await backup(ctx, { to })),
      { to },
    ),
  ).rejects.toMatchObject({ code: 'conflict' });
  expect(await tablesIn(to)).toHaveLength((await readManifest(to)).tables.length);
});

test('one that fails leaves the tables of another that is under way', async () => {
  const to = path.join(await temporaryDirectory(), 'backup');
  const failing = reading(() => Promise.reject(new Error('the store is away')));
  const { takenAt } = await backup(
    reading(async () => await expect(backup(failing, { to })).rejects.toThrow('the store is away')),
    { to },
  );
  const manifest = await readManifest(to);
  expect(manifest.takenAt).toBe(takenAt);
  expect(await tablesIn(to)).toHaveLength(manifest.tables.length);
});
