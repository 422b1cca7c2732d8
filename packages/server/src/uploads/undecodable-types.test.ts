import { Readable } from 'node:stream';

import { beforeAll, describe, expect, test } from 'vitest';

import { quadrants } from '../../test/support/pictures.ts';
import { testUploads, type TestUploads } from '../../test/support/uploads.ts';
import { readMediaRules } from '../policy/read-media-rules.ts';
import { openResumable, type OpenResumable } from './open-resumable.ts';
import { openUpload } from './open-upload.ts';
import { receiveFile } from './receive-file.ts';
import type { UploadContext } from './upload-context.ts';

describe('a type that this machine cannot decode is refused when the file arrives', () => {
  let uploads: TestUploads;
  let ctx: UploadContext;
  beforeAll(async () => {
    uploads = await testUploads();
    ctx = {
      ...uploads.ctx,
      site: {
        ...uploads.ctx.site,
        unavailableTypes: [
          { type: 'image/jpeg', reason: 'this build has no JPEG' },
          { type: 'video/mp4', reason: 'ffmpeg was not found' },
        ],
      },
    };
  });

  const photos = { collection: 'listing.photos', entityType: 'listing', entityId: '1' };
  const goods = { collection: 'product.files', entityType: 'product', entityId: '1' };
  const refusal = { code: 'unsupported_codec', detail: 'JPEG files cannot be processed here: this build has no JPEG.' };
  const resumable = (destination: OpenResumable['destination'], contentType: string): OpenResumable => ({
    destination,
    fileName: 'a.bin',
    contentType,
    length: 100,
    metadata: null,
    concat: null,
  });

  test('in every protocol, by its declared type', async () => {
    for (const multipart of [false, true])
      await expect(openUpload(ctx, { ...photos, filename: 'a.jpg', contentType: 'image/jpeg', byteSize: 100, multipart })).rejects.toMatchObject(refusal);
    await expect(openResumable(ctx, resumable(photos, 'image/jpeg; q=1'))).rejects.toMatchObject(refusal);
    await expect(
      receiveFile(ctx, { destination: photos, fileName: 'a.jpg', contentType: 'image/jpeg', body: Readable.from([Buffer.from('a')]) }),
    ).rejects.toMatchObject(refusal);
    expect(await uploads.objects()).toEqual([]);
  });

  test('by its bytes if no type is declared, and no object is created', async () => {
    const body = Readable.from([await quadrants().jpeg().toBuffer()]);
    await expect(receiveFile(ctx, { destination: photos, fileName: 'a', contentType: null, body })).rejects.toMatchObject(refusal);
    expect(await uploads.files()).toEqual([]);
  });

  test('but not if the file is only stored and delivered', async () => {
    expect(await openUpload(ctx, { ...goods, filename: 'a.mp4', contentType: 'video/mp4', byteSize: 100 })).toMatchObject({ method: 'PUT' });
    expect(await openResumable(ctx, { ...resumable(null, 'video/mp4'), concat: 'partial' })).toMatchObject({ state: 'open' });
    const [rules] = await readMediaRules({ ...ctx }, { collection: 'product.files' });
    expect(rules?.unavailableTypes.map(({ type }) => type)).not.toContain('video/mp4');
  });
});
