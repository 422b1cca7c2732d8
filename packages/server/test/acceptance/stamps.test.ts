import { PDFiumLibrary } from '@hyzyla/pdfium';
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { expect, test } from 'vitest';

import { makePdf } from '../support/documents.ts';
import { ask, expectProblem, into, nextServer, readyMedia, type Answer } from './support/api.ts';
import { follow } from './support/event-stream.ts';

const sell = async (assetIds: string[], more: object = {}) => {
  const answer = await ask('POST', '/grants', { body: { transaction: `order-${randomUUID()}`, assetIds, ...more } });
  expect(answer.status, JSON.stringify(answer.body)).toBe(201);
  return answer.body.grant;
};
const visit = async (url: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Answer> => {
  const { pathname, search } = new URL(url);
  return await ask(method, nextServer() + pathname + search, { token: null, headers });
};
/** Documents are stamped soon after the sale; until then buyers are asked to wait a moment. */
const bought = async (url: string): Promise<Answer> => {
  let answer = await visit(url);
  await expect
    .poll(
      async () => {
        answer = await visit(url);
        return answer.status === 503 ? answer.headers.get('retry-after') : answer.status;
      },
      { timeout: 20_000 },
    )
    .toBe(200);
  return answer;
};
const textsOf = async (bytes: Buffer): Promise<string[]> => {
  const library = await PDFiumLibrary.init();
  const document = await library.loadDocument(bytes);
  const texts = Array.from({ length: document.getPageCount() }, (_, index) => document.getPage(index).getText());
  document.destroy();
  library.destroy();
  return texts;
};
const document = async (options: Parameters<typeof makePdf>[0] = {}) => {
  const bytes = await makePdf({ pages: 3, ...options });
  return { bytes, media: await readyMedia(into('product.files'), { bytes, name: 'book.pdf' }) };
};

test('each page of a document names its buyer, appended to the seller’s unchanged bytes', async () => {
  const { bytes, media } = await document();
  const song = randomBytes(5000);
  const other = await readyMedia(into('product.files'), { bytes: song, name: 'song.bin' });
  const grant = await sell([media.id, other.id], { stamp: 'Sold to Zoë Lovelace, order 1042', maxDownloads: 20 });
  expect(grant.stamp).toBe('Sold to Zoë Lovelace, order 1042');
  const whole = await bought(grant.files[0].url);
  expect(whole.bytes.subarray(0, bytes.length).equals(bytes)).toBe(true);
  expect(await textsOf(whole.bytes)).toEqual(Array.from({ length: 3 }, () => expect.stringContaining('Sold to Zoë Lovelace, order 1042')));
  const [file] = (await ask('GET', `/grants/${grant.transaction}`)).body.grant.files;
  expect(file).toMatchObject({ byteSize: whole.bytes.length, sha256: createHash('sha256').update(whole.bytes).digest('hex') });
  expect(whole.headers.get('repr-digest')).toBe(`sha-256=:${Buffer.from(file.sha256, 'hex').toString('base64')}:`);
  expect((await visit(file.url, {}, 'HEAD')).headers.get('content-length')).toBe(String(whole.bytes.length));
  for (const [start, end] of [
    [bytes.length - 10, bytes.length + 9],
    [bytes.length, bytes.length],
    [bytes.length + 5, whole.bytes.length - 1],
    [0, bytes.length - 1],
  ] as const) {
    const part = await visit(file.url, { range: `bytes=${start}-${end}`, 'if-range': whole.headers.get('etag') ?? '' });
    expect([part.status, part.bytes.equals(whole.bytes.subarray(start, end + 1))]).toEqual([206, true]);
  }
  const several = await visit(file.url, { range: `bytes=0-4,${bytes.length - 2}-${bytes.length + 2}` });
  expect(several.bytes.includes(whole.bytes.subarray(bytes.length - 2, bytes.length + 3))).toBe(true);
  expect((await visit(grant.files[1].url)).bytes.equals(song)).toBe(true);
  const zip = await visit(grant.zipURL);
  expect([zip.status, zip.bytes.includes(whole.bytes), zip.bytes.readUInt32LE(14)]).toEqual([200, true, crc32(whole.bytes)]);
  // Another buyer gets another stamp; none is added without being requested.
  expect(await textsOf((await bought((await sell([media.id], { stamp: 'Sold to Eve' })).files[0].url)).bytes)).toEqual(
    Array.from({ length: 3 }, () => expect.stringMatching(/^(?!.*Lovelace).*Sold to Eve/s)),
  );
  expect((await visit((await sell([media.id])).files[0].url)).bytes.equals(bytes)).toBe(true);
});

test('if a document requires a password, the seller is told, and the buyer gets it unchanged', async () => {
  const { bytes, media } = await document({ password: 'x' });
  const events = await follow(`?mediaId=${media.id}`);
  const grant = await sell([media.id], { stamp: 'Sold to Ada' });
  expect((await events.until('stamp_failed')).data).toMatchObject({ mediaId: media.id, transaction: grant.transaction, reason: 'encrypted' });
  expect((await bought(grant.files[0].url)).bytes.equals(bytes)).toBe(true);
});

test('text that a stamp cannot show is refused when it is requested', async () => {
  const { media } = await document();
  for (const stamp of ['李白', '', 'a\nb', 'x'.repeat(201)])
    expectProblem(await ask('POST', '/grants', { body: { transaction: `order-${randomUUID()}`, assetIds: [media.id], stamp } }), 400, 'invalid_request');
});
