import { randomUUIDv7 } from 'node:crypto';
import path from 'node:path';

import { expect, test } from 'vitest';

import { testDatabase } from '../../test/support/database.ts';
import { temporaryDirectory } from '../../test/support/temporary-directory.ts';
import type { Answer, Command } from './command.ts';
import { grantsCreate, grantsDownloads, grantsList, grantsRestore, grantsRevoke, grantsShow, grantsToken } from './grants.ts';
import { createTerminal } from './terminal.ts';

const { db, connectionString } = await testDatabase();
const env = { DATABASE_URL: connectionString, SAFELIGHT_DATA_DIR: await temporaryDirectory(), SAFELIGHT_ENV: 'development' };
const run = async (command: Command, args: string[], options: Record<string, string | boolean> = {}): Promise<Answer> =>
  await command.run({
    arguments: args,
    options,
    terminal: createTerminal({ json: false }),
    signal: new AbortController().signal,
    env,
    cwd: path.resolve(import.meta.dirname, '../../../..'),
  });
const media = async (): Promise<string> => {
  const { id } = await db
    .insertInto('asset')
    .values({
      id: randomUUIDv7(),
      collection: 'product.files',
      owner_id: 'ada',
      kind: 'file',
      purpose: 'product',
      status: 'ready',
      original_file_name: 'song.flac',
      mime_type: 'audio/flac',
      byte_size: 1234,
      sort_order: 0,
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  return id;
};

test('a purchase can be managed on the command line from beginning to end', async () => {
  const [one, two] = [await media(), await media()];
  const made = await run(grantsCreate, ['order-1'], { media: `${one},${two}`, buyer: 'ben', 'max-downloads': '3' });
  expect(made.data).toMatchObject({ grant: { transaction: 'order-1', buyerId: 'ben', assetIds: [one, two], maxDownloads: 3 } });
  expect(made.text).toMatch(/order-1 of ben: live\nhttp.*access=.*\n[^]*song\.flac +1\.2 KB +0 of 3/);
  expect((await run(grantsList, [], { buyer: 'ben' })).text).toMatch(/order-1 +ben +live +2 +0/);
  expect((await run(grantsList, [], { buyer: 'nobody' })).text).toBe('There are no such grants.');
  expect((await run(grantsRevoke, ['order-1'], { media: one })).data).toMatchObject({ grant: { assetIds: [two], revokedAt: null } });
  expect((await run(grantsRevoke, ['order-1'])).text).toContain('order-1 of ben: revoked');
  await db.updateTable('grant_asset').set({ used: 3 }).execute();
  expect((await run(grantsRestore, ['order-1'], { reset: true })).text).toMatch(/live[^]*0 of 3/);
  const { text: before } = await run(grantsShow, ['order-1']);
  const { text: address } = await run(grantsToken, ['order-1']);
  expect(address).toMatch(/^http\S+access=\S+$/);
  expect(before).not.toContain(address);
  expect((await run(grantsDownloads, ['order-1'])).text).toBe('Nothing was downloaded.');
});

test('wrong arguments are answered with a sentence', async () => {
  await expect(run(grantsShow, ['a b'])).rejects.toThrow(/letters, digits/);
  await expect(run(grantsShow, ['unknown'])).rejects.toMatchObject({ code: 'not_found' });
  await expect(run(grantsCreate, ['order-2'])).rejects.toThrow(/--media/);
  await expect(run(grantsCreate, ['order-2'], { media: 'x' })).rejects.toThrow(/assetIds/);
  await expect(run(grantsList, [], { limit: 'many' })).rejects.toThrow(/limit/);
});
