import { Readable } from 'node:stream';

import { expect, test } from 'vitest';

import { quadrants } from '../../test/support/pictures.ts';
import { testUploads } from '../../test/support/uploads.ts';
import { receiveFile } from '../uploads/receive-file.ts';
import { registerReceived } from '../uploads/register-received.ts';
import { deleteMedia } from './delete-media.ts';
import { restoreMedia } from './restore-media.ts';

const { ctx } = await testUploads();
const place = { collection: 'listing.photos', entityType: 'listing', entityId: '1' };
const upload = async (): Promise<string> => {
  const body = Readable.from([await quadrants().jpeg().toBuffer()]);
  return (await registerReceived(ctx, await receiveFile(ctx, { destination: place, fileName: 'a.jpg', contentType: 'image/jpeg', body }))).media.id;
};

test('a deleted photo is not restored into a collection that has become full in the meantime', async () => {
  await ctx.site.db
    .updateTable('policy')
    .set((eb) => ({ rules: eb.fn('jsonb_set', [eb.ref('rules'), eb.val('{maxItems}'), eb.cast(eb.val('1'), 'jsonb')]) }))
    .where('collection', '=', place.collection)
    .execute();
  const first = await upload();
  await deleteMedia(ctx, { id: first });
  const second = await upload();
  await expect(restoreMedia(ctx, { id: first })).rejects.toMatchObject({ code: 'collection_full' });
  await deleteMedia(ctx, { id: second });
  expect(await restoreMedia(ctx, { id: first })).toMatchObject({ id: first, deletedAt: null });
});
