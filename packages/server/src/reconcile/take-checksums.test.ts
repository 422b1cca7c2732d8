import { randomBytes, randomUUID } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { expect, test } from 'vitest';

import { addArtifact } from '../../test/support/artifacts.ts';
import { testUploads } from '../../test/support/uploads.ts';
import { createGrant } from '../grants/create-grant.ts';
import { planPurchaseZip } from '../delivery/zip/plan-purchase-zip.ts';
import { takeChecksums } from './take-checksums.ts';

const { ctx } = await testUploads();
const context = {
  ...ctx,
  site: {
    ...ctx.site,
    baseURL: 'http://localhost',
  },
};

test('objects stored before checksums existed can be in an archive as soon as they have been read once', async () => {
  const contents = [randomBytes(300_000), randomBytes(10)];
  const files = await Promise.all(contents.map(async (bytes) => await addArtifact(ctx.site.db, ctx.site.stores.active('final'), bytes)));
  const { grant } = await createGrant(context, { transaction: randomUUID(), assetIds: files.map(({ assetId }) => assetId) });
  const access = new URL(grant.zipURL).searchParams.get('access') ?? '';
  const open = async () => await planPurchaseZip(context, { transaction: grant.transaction, access });
  await expect(open()).rejects.toMatchObject({ code: 'storage_unavailable', headers: { 'retry-after': '10' } });
  await expect(open()).rejects.toMatchObject({ code: 'storage_unavailable' });
  const rows = await ctx.site.db.selectFrom('job').select(['type', 'data']).where('type', '=', 'take.checksums').execute();
  expect(rows).toHaveLength(1);
  const grantId = String(rows[0]?.data['grantId']);
  expect(await takeChecksums(ctx, { grantId })).toEqual({ taken: 2 });
  const taken = await ctx.site.db.selectFrom('object').select(['id', 'crc32']).orderBy('bytes', 'desc').execute();
  expect(taken).toEqual(files.map(({ objectId }, index) => ({ id: objectId, crc32: crc32(contents[index] ?? '') })));
  expect((await open()).files).toHaveLength(2);
  expect(await takeChecksums(ctx, { grantId })).toEqual({ taken: 0 });
});
