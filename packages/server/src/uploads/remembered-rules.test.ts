import { Readable } from 'node:stream';

import { sql } from '#kysely';
import { beforeAll, expect, test } from 'vitest';

import { testUploads, type TestUploads } from '../../test/support/uploads.ts';
import { receiveFile } from './receive-file.ts';
import { registerReceived } from './register-received.ts';

let uploads: TestUploads;
beforeAll(async () => {
  uploads = await testUploads();
});

const upload = async (product: string, actor = uploads.ctx.actor) => {
  const ctx = { ...uploads.ctx, actor };
  const destination = { collection: 'product.files', entityType: 'product', entityId: product };
  const body = Readable.from([Buffer.from('some words')]);
  return await registerReceived(ctx, await receiveFile(ctx, { destination, fileName: 'a.txt', contentType: null, body }));
};
/** Changed like by another server, whose notification never arrives here. */
const setRule = async (name: string, value: unknown) => {
  await sql`update policy set rules = jsonb_set(rules, array[${name}]::text[], ${JSON.stringify(value)}::jsonb), version = version + 1 where collection = 'product.files'`.execute(
    uploads.ctx.site.db,
  );
};
const left = async () => ({
  open: await uploads.ctx.site.db.selectFrom('upload_session').select('id').where('state', '=', 'open').execute(),
  files: (await uploads.files()).length,
});

test('rules that another server has changed apply from the next upload on, even without a notification', async () => {
  await upload('rules');
  await setRule('acceptedTypes', ['image/png']);
  await expect(upload('rules')).rejects.toMatchObject({ code: 'unsupported_type' });
  await setRule('acceptedTypes', ['*/*']);
  await upload('rules');
  await setRule('maxBytes', 5);
  await expect(upload('rules')).rejects.toMatchObject({ code: 'file_too_large' });
  await setRule('maxBytes', 1_000_000);
  await upload('rules');
  await setRule('maxItems', 3);
  await expect(upload('rules')).rejects.toMatchObject({ code: 'collection_full' });
  expect(await left()).toEqual({ open: [], files: 3 });
});

test('a person who may not write to an entity is told so by the first and by every further upload', async () => {
  await setRule('maxItems', null);
  const owner = { id: 'owner', scopes: new Set(['media:write'] as const) };
  const other = { id: 'other', scopes: new Set(['media:write'] as const) };
  await upload('owned', owner);
  for (const product of ['owned', 'owned']) await expect(upload(product, other)).rejects.toMatchObject({ code: 'forbidden' });
  await upload('owned', owner);
});
