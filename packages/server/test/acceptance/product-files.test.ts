import { readFile } from 'node:fs/promises';
import sharp from 'sharp';
import { expect, test } from 'vitest';

import { ask, expectProblem, into, nextServer, settled, upload } from './support/api.ts';
import { makeEpub, makePdf, makeZip } from '../support/documents.ts';
import { smallPicture } from './support/pictures.ts';

const svg = (content: string): string => `<svg xmlns="http://www.w3.org/2000/svg" width="200" height="100">${content}</svg>`;
const blue = '<rect width="200" height="100" fill="#0000ff"/>';
const sold = async (name: string, bytes: Buffer | string, type?: string) => {
  const answer = await upload(into('product.files'), { bytes, name, ...(type === undefined ? {} : { type }) });
  expect(answer.status, `${name}: ${JSON.stringify(answer.body)}`).toBe(202);
  return await settled(answer.body.media.id);
};

test('a file that this machine cannot display is sold without a preview', async () => {
  const padding = Buffer.alloc(256);
  for (const [name, head, mimeType] of [
    ['poster.psd', '8BPS\0\x01', 'image/vnd.adobe.photoshop'],
    ['scan.bmp', `BM${'\0'.repeat(12)}\x28\0\0\0`, 'image/bmp'],
    ['photo.cr3', '\0\0\0\x18ftypcrx \0\0\0\x01crx isom', 'image/x-raw'],
    ['photo.jp2', '\0\0\0\x0cjP  \r\n\x87\n', 'image/jp2'],
    ['photo.jxl', '\xff\x0a', 'image/jxl'],
  ] as const) {
    const bytes = Buffer.concat([Buffer.from(head, 'latin1'), padding]);
    const media = await sold(name, bytes);
    expect(media, name).toMatchObject({ status: 'ready', failure: null, kind: 'image', mimeType, src: null, variants: {}, originalFileName: name });
    expect((await ask('GET', `/media/${media.id}`)).body.media.byteSize).toBe(bytes.length);
  }
});

test('so is a print of more pixels than are decoded here, while a damaged picture is refused', async () => {
  const print = await sharp({ create: { width: 9000, height: 7000, channels: 3, background: '#336699' } })
    .jpeg()
    .toBuffer();
  expect(await sold('print.jpg', print)).toMatchObject({ status: 'ready', failure: null, mimeType: 'image/jpeg', src: null });
  const whole = await smallPicture('jpeg', 600, 400);
  expect(await sold('cut.jpg', whole.subarray(0, whole.length / 2))).toMatchObject({ status: 'failed', failure: { code: 'corrupt_media' } });
  const { variants, ...media } = await sold('whole.jpg', whole);
  expect(media).toMatchObject({ status: 'ready', src: expect.any(String) });
  // A preview as large as the original would be worth stealing.
  expect(variants).toMatchObject({ preview: { width: 300, height: 200 } });
});

test('a document shows its first page, and is sold without a preview if none can be drawn', async () => {
  const pdf = await makePdf({ pages: 2 });
  const { id, ...media } = await sold('book.pdf', pdf);
  expect(media).toMatchObject({
    status: 'ready',
    kind: 'file',
    mimeType: 'application/pdf',
    byteSize: pdf.length,
    blurDataURL: expect.stringContaining('webp'),
  });
  expect(media.variants).toMatchObject({ preview: { mimeType: 'image/webp', width: 600, height: 800 } });
  const shown = await ask('GET', media.src ?? '', { token: null });
  expect([shown.status, shown.headers.get('content-type')]).toEqual([200, 'image/webp']);
  const { grant } = (await ask('POST', '/grants', { body: { transaction: `order-${id}`, assetIds: [id] } })).body;
  const { pathname, search } = new URL(grant.files[0].url);
  const at = (query: string) => ask('GET', nextServer() + pathname + search + query, { token: null });
  expect((await at('&role=preview')).headers.get('content-type')).toBe('image/webp');
  expect((await at('')).bytes.equals(pdf)).toBe(true);
  for (const [name, bytes] of [
    ['closed.pdf', await makePdf({ password: 'x' })],
    ['cut.pdf', pdf.subarray(0, 300)],
  ] as const)
    expect(await sold(name, bytes), name).toMatchObject({ status: 'ready', failure: null, src: null, variants: {} });
});

test('an archive lists its contents, and a book shows its cover', async () => {
  const archive = await sold('fonts.zip', makeZip({ 'fonts/': '', 'fonts/Sans.otf': 'x', 'read me.txt': 'x' }));
  expect(archive).toMatchObject({ status: 'ready', mimeType: 'application/zip', contents: { total: 2, names: ['fonts/Sans.otf', 'read me.txt'] }, src: null });
  const book = await sold('novel.epub', makeEpub(await smallPicture('jpeg', 600, 800)));
  expect(book).toMatchObject({ status: 'ready', contents: { total: 4, names: expect.arrayContaining(['OEBPS/book.opf']) } });
  expect(book.variants).toMatchObject({ preview: { mimeType: 'image/webp', width: 300, height: 400 } });
  expect(await sold('cut.zip', makeZip({ a: 'x' }).subarray(0, 40))).toMatchObject({ status: 'ready', failure: null, contents: null });
});

test('a page or a script under the name of a picture is not sold', async () => {
  for (const bytes of ['<!doctype html><script>alert(1)</script>', 'alert(document.cookie);\n', svg('<script>alert(1)</script>')])
    expectProblem(await upload(into('product.files'), { bytes, name: 'photo.jpg', type: 'image/jpeg' }), 422, 'type_mismatch');
});

test('a drawing is sold as it is and shown as a picture', async () => {
  const source = svg(`<script>alert(1)</script>${blue}`);
  const media = await sold('logo.svg', source, 'image/svg+xml');
  expect(media).toMatchObject({ status: 'ready', mimeType: 'image/svg+xml', width: 200, height: 100 });
  expect(Object.values<{ mimeType: string }>(media.variants).map(({ mimeType }) => mimeType)).toEqual(['image/webp']);
});

test('of a drawing, a brand collection shows a PNG, and never the drawing', async () => {
  const answer = await upload(into('brand.assets'), { bytes: svg(blue), name: 'logo.svg', type: 'image/svg+xml' });
  expect(answer.status, JSON.stringify(answer.body)).toBe(201);
  const { media } = answer.body;
  expect(media).toMatchObject({ status: 'ready', kind: 'image', width: 200, height: 100 });
  expect(media.variants).toMatchObject({ canonical: { mimeType: 'image/png', width: 200, height: 100 } });
  const shown = await ask('GET', media.src ?? '', { token: null });
  expect(shown.headers.get('content-type')).toBe('image/png');
  expect(await sharp(shown.bytes).metadata()).toMatchObject({ format: 'png', width: 200, height: 100 });
});

test('an animated AVIF stays animated, under the name of what is written', async () => {
  const bytes = await readFile(new URL('../fixtures/images/moving.avif', import.meta.url));
  const answer = await upload(into('brand.assets'), { bytes, name: 'logo.avif', type: 'image/avif' });
  expect(answer.status, JSON.stringify(answer.body)).toBe(201);
  const { media } = answer.body;
  expect(media).toMatchObject({ status: 'ready', mimeType: 'image/avif', width: 64, height: 48, path: expect.stringMatching(/canonical.*\.webp$/) });
  expect(media.variants).toMatchObject({ canonical: { mimeType: 'image/webp', width: 64, height: 48 } });
  const shown = await ask('GET', media.src ?? '', { token: null });
  expect(shown.headers.get('content-type')).toBe('image/webp');
  expect(await sharp(shown.bytes, { animated: true }).metadata()).toMatchObject({ pages: 6, delay: Array(6).fill(100), loop: 0 });
});

test('a library takes TIFF', async () => {
  const bytes = await sharp({ create: { width: 300, height: 200, channels: 3, background: '#336699' } })
    .tiff()
    .toBuffer();
  const answer = await upload({ collection: 'user.library' }, { bytes, name: 'scan.tif', type: 'image/tiff' });
  expect(answer.status, JSON.stringify(answer.body)).toBe(202);
  expect(await settled(answer.body.media.id)).toMatchObject({ status: 'ready', mimeType: 'image/tiff', width: 300, height: 200 });
});
