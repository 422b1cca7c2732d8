import sharp from 'sharp';
import { describe, expect, test } from 'vitest';

import { ask, expectProblem, into, settled, target, upload, type Answer, type FileToSend } from './support/api.ts';
import { jpeg, pixelBomb, smallPicture } from './support/pictures.ts';
import { isServed, putSigned } from './support/signed-put.ts';

const hasStrict = (await ask('GET', '/meta/media-rules?collection=test.strict')).status === 200;
const refusalOf = async (collection: 'artist.images' | 'test.strict', file: FileToSend): Promise<string> => {
  const answer = await upload(into(collection), file);
  expectProblem(answer, answer.status, answer.body.code);
  return `${answer.status} ${answer.body.code}`;
};
const text = (content: string, name: string, type?: string): FileToSend => ({ bytes: content, name, ...(type === undefined ? {} : { type }) });

describe('a file is refused by its bytes', () => {
  test('if its content contradicts its type or its name', async () => {
    expect(await refusalOf('artist.images', { bytes: await smallPicture('gif'), name: 'a.jpg', type: 'image/jpeg' })).toBe('422 type_mismatch');
    expect(await refusalOf('artist.images', { bytes: await smallPicture('gif'), name: 'a', type: 'image/jpeg' })).toBe('422 type_mismatch');
    expect(await refusalOf('artist.images', { bytes: await smallPicture('gif'), name: 'a.png' })).toBe('422 type_mismatch');
    expect(await refusalOf('artist.images', { bytes: await smallPicture('png'), name: 'a.gif' })).toBe('422 type_mismatch');
  });

  test('but not if an accepted picture has the name or type of another accepted one: the record has its real type', async () => {
    for (const [format, name, type] of [
      ['png', 'a.jpg', 'image/jpeg'],
      ['png', 'a.png', 'image/jpeg'],
      ['webp', 'a.jpeg', 'image/jpeg'],
      ['jpeg', 'a.webp', ''],
    ] as const) {
      const answer = await upload(into('artist.images'), { bytes: await smallPicture(format), name, type });
      expect(answer.status, `${format} as ${name}`).toBe(201);
      expect(answer.body.media).toMatchObject({ mimeType: `image/${format}`, originalFileName: name });
    }
  });

  test.each(['*/*', 'image/*', 'image', 'jpg', 'multipart/form-data', 'image/jfif', 'image/jpeg; charset=UTF-8', 'application/octet-stream'])(
    'and a declared type of %s is no reason',
    async (type) => {
      expect((await upload(into('artist.images'), { ...(await jpeg()), name: 'a.jpg', type })).status).toBe(201);
      expect((await upload(into('artist.images'), { bytes: '<!doctype html><p>', name: 'a.jpg', type })).status).toBeOneOf([415, 422]);
    },
  );

  test('if it is a picture that is declared as text', async () => {
    expect(await refusalOf('artist.images', { ...(await jpeg()), name: 'a.txt' })).toBe('422 type_mismatch');
  });

  test('but not because of a name that phones use for its type, or a missing one', async () => {
    const { bytes } = await jpeg();
    expect((await upload(into('artist.images'), { bytes, name: 'a.jpg', type: 'image/jpg' })).status).toBe(201);
    const opened = await ask('POST', '/media/upload/init', { body: { ...into('artist.images'), filename: 'a.jpg', contentType: 'image/jpg' } });
    expect(opened.status).toBe(201);
    const parts = Object.entries(into('artist.images')).map(([name, value]) => `--b\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`);
    const bare = (name: string): Promise<Answer> =>
      ask('POST', '/media', {
        headers: { 'content-type': 'multipart/form-data; boundary=b' },
        body: Buffer.concat([
          Buffer.from(`${parts.join('')}--b\r\nContent-Disposition: form-data; name="file"; filename="${name}"\r\n\r\n`),
          Buffer.from(bytes),
          Buffer.from('\r\n--b--\r\n'),
        ]),
      });
    expect((await bare('a.jpg')).status).toBe(201);
    expect((await bare('a')).status).toBe(201);
    expectProblem(await bare('a.gif'), 422, 'type_mismatch');
  });

  test('if its type is not accepted here', async () => {
    expect(await refusalOf('artist.images', { bytes: await smallPicture('gif'), name: 'a.gif', type: 'image/gif' })).toBe('415 unsupported_type');
    expect(await refusalOf('artist.images', text('%PDF-1.7\n', 'a.pdf', 'application/pdf'))).toBe('415 unsupported_type');
  });

  test.each([
    ['HTML', '<!doctype html><script>alert(1)</script>', 'a.png', 'image/png'],
    ['SVG', '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>', 'a.jpg', 'image/jpeg'],
    ['PHP', '<?php system($_GET["c"]); ?>', 'a.png', 'image/png'],
    ['MVG', 'push graphic-context\nimage over 0,0 0,0 "https://example.com/x"\npop graphic-context', 'a.png', 'image/png'],
    ['a program', 'MZ\x90\0\x03\0\0\0\x04\0\0\0', 'a.jpg', 'image/jpeg'],
    ['a script behind an image’s first bytes', 'GIF89a/*', 'a.gif', 'image/gif'],
  ])('when it is %s in disguise', async (_what, content, name, type) => {
    expect(await refusalOf('artist.images', text(content, name, type))).toMatch(/^(422 type_mismatch|415 unsupported_type)$/);
  });

  test('if there are none', async () => {
    expect(await refusalOf('artist.images', text('', 'a.jpg', 'image/jpeg'))).toBe('422 empty_file');
  });

  test('if they end too early or are malformed', async () => {
    const whole = await sharp({ create: { width: 500, height: 400, channels: 3, background: 'red', noise: { type: 'gaussian', mean: 128, sigma: 40 } } })
      .jpeg()
      .toBuffer();
    expect(await refusalOf('artist.images', { bytes: whole.subarray(0, whole.length / 2), name: 'a.jpg', type: 'image/jpeg' })).toBe('422 corrupt_media');
    expect(await refusalOf('artist.images', { bytes: Buffer.concat([whole.subarray(0, 20), Buffer.alloc(2000)]), name: 'a.jpg', type: 'image/jpeg' })).toBe(
      '422 corrupt_media',
    );
    const png = await smallPicture('png', 500, 400);
    expect(await refusalOf('artist.images', { bytes: png.subarray(0, 60), name: 'a.png', type: 'image/png' })).toBe('422 corrupt_media');
  });

  test('if its header announces more pixels than allowed, before they are decoded', async () => {
    expect(await refusalOf('artist.images', { bytes: pixelBomb(), name: 'bomb.png', type: 'image/png' })).toBe('422 too_many_pixels');
  });
});

describe.skipIf(!hasStrict)('the limits of a collection refuse (needs the collection test.strict)', () => {
  const picture = async (width: number, height: number): Promise<FileToSend> => ({
    bytes: await smallPicture('png', width, height),
    name: 'a.png',
    type: 'image/png',
  });

  test('if it is too small, too narrow, too wide or has too many pixels', async () => {
    expect(await refusalOf('test.strict', await picture(99, 150))).toBe('422 too_small');
    expect(await refusalOf('test.strict', await picture(150, 99))).toBe('422 too_small');
    expect(await refusalOf('test.strict', await picture(100, 201))).toBe('422 aspect_ratio_out_of_range');
    expect(await refusalOf('test.strict', await picture(201, 100))).toBe('422 aspect_ratio_out_of_range');
    expect(await refusalOf('test.strict', await picture(1001, 1000))).toBe('422 too_many_pixels');
    expect((await upload(into('test.strict'), await picture(100, 200))).status).toBe(201);
  });

  test('if it has too many bytes: as declared, in a form, and under a signed URL', async () => {
    const noise = await sharp({ create: { width: 400, height: 400, channels: 3, background: 'red', noise: { type: 'gaussian', mean: 128, sigma: 60 } } })
      .png({ compressionLevel: 0 })
      .toBuffer();
    expect(noise.length).toBeGreaterThan(200_000);
    expect(await refusalOf('test.strict', { bytes: noise, name: 'a.png', type: 'image/png' })).toBe('413 file_too_large');
    const init = { ...into('test.strict'), filename: 'a.png', contentType: 'image/png' };
    expectProblem(await ask('POST', '/media/upload/init', { body: { ...init, byteSize: 200_001 } }), 413, 'file_too_large');
    const { body: opened } = await ask('POST', '/media/upload/init', { body: init });
    const stored = await putSigned(opened, noise);
    // A bucket does not know the limits of the collection; completing the upload checks them.
    if (isServed(opened.uploadURL)) expectProblem(stored, 413, 'file_too_large');
    else expectProblem(await ask('POST', '/media/upload/complete', { body: { uploadId: opened.uploadId } }), 413, 'file_too_large');
  });

  test('if it is declared as a type that is not accepted', async () => {
    expectProblem(
      await ask('POST', '/media/upload/init', { body: { ...into('test.strict'), filename: 'a.gif', contentType: 'image/gif', byteSize: 10 } }),
      415,
      'unsupported_type',
    );
  });

  test('if the collection is full, until one is deleted', async () => {
    const fields = into('test.strict');
    const first = await upload(fields, await picture(120, 120));
    await upload(fields, await picture(120, 120));
    const third = await upload(fields, await picture(120, 120));
    expectProblem(third, 409, 'collection_full');
    await ask('DELETE', `/media/${first.body.media.id}`);
    expect((await upload(fields, await picture(120, 120))).status).toBe(201);
  });
});

test('a queued photo that cannot be decoded ends failed, in words and code, and its bytes are never shown instead', async () => {
  const whole = await sharp({ create: { width: 500, height: 400, channels: 3, background: 'red', noise: { type: 'gaussian', mean: 128, sigma: 40 } } })
    .jpeg()
    .toBuffer();
  const { body } = await upload(into('listing.photos'), { bytes: whole.subarray(0, whole.length / 2), name: 'half.jpg', type: 'image/jpeg' });
  const media = await settled(body.media.id);
  expect(media).toMatchObject({
    status: 'failed',
    published: false,
    src: null,
    variants: {},
    failure: { stage: 'process', code: 'corrupt_media', retryable: false, message: expect.stringMatching(/\.$/) },
  });
  expect((await ask('GET', `//view/${media.id}`, { token: null })).status).toBe(404);
  const retried = await ask('POST', `/media/${media.id}/retry`);
  // The same bytes would fail again, so the retry is refused at once, without a job.
  expectProblem(retried, 409, 'conflict');
  expect(retried.body.detail).toContain(media.failure?.message);
  expect(await settled(media.id)).toMatchObject({ status: 'failed', version: media.version, failure: { code: 'corrupt_media' } });
});

describe('a refusal reaches a client that is still sending', () => {
  const large = Buffer.alloc(4 * 2 ** 20, 'x');

  test('as a form, without and with a token', async () => {
    const file = { bytes: large, name: 'a.jpg', type: 'image/jpeg' };
    for (let round = 0; round < 3; round++) {
      expectProblem(await upload(into('artist.images'), file, { token: null }), 401, 'unauthenticated');
      expectProblem(await upload(into('artist.images'), file), 422, 'type_mismatch');
      expectProblem(await upload({ ...into('artist.images'), purpose: 'none' }, file), 400, 'invalid_request');
    }
  });

  test('as a signed PUT, with and without a length', async ({ skip }) => {
    const { body: opened } = await ask('POST', '/media/upload/init', {
      body: { ...into('artist.images'), filename: 'a.jpg', contentType: 'image/jpeg', byteSize: 1000 },
    });
    skip(!isServed(opened.uploadURL), 'the provider takes this PUT, not the target');
    expectProblem(await putSigned(opened, large), 413, 'file_too_large');
    expectProblem(await putSigned({ ...opened, uploadURL: `${opened.uploadURL}x` }, large), 403, 'forbidden');
    const unannounced = await putSigned(opened, new Blob([large]).stream());
    expectProblem(unannounced, unannounced.status, unannounced.body?.code);
    expect(unannounced.body.code).toBeOneOf(['file_too_large', 'upload_incomplete']);
  });

  test('as JSON that is too large', async () => {
    expectProblem(
      await ask('POST', '/media/upload/init', { body: JSON.stringify({ filename: large.toString() }), headers: { 'content-type': 'application/json' } }),
      413,
      'file_too_large',
    );
  });
});

test('a refusal never reveals internals', async () => {
  const answers = [
    await ask('GET', '/nowhere'),
    await ask('POST', '/media/upload/init', { body: '{"broken', headers: { 'content-type': 'application/json' } }),
    await ask('GET', '/media?limit=many'),
  ];
  for (const { bytes } of answers) expect(bytes.toString()).not.toMatch(/node_modules|\.ts\b|select |stack|FST_/i);
  expect(target.urls.length).toBeGreaterThan(0);
});
