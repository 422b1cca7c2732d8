import { Readable } from 'node:stream';
import { crc32 } from 'node:zlib';

import sharp from 'sharp';
import { expect, test } from 'vitest';

import { openaiStub } from '../../test/support/openai-stub.ts';
import { paidGenerator, testGenerations } from '../../test/support/generations.ts';
import { owned } from '../lib/owned.ts';
import { createOpenaiGenerator } from './openai/create-openai-generator.ts';
import type { Output } from './generator.ts';

const { db, uploads, contextWith, open, run, endOf, eventsOf } = await testGenerations();

const plain = sharp({ create: { width: 40, height: 30, channels: 3, background: '#804020' } });
const [png, jpeg] = [await plain.clone().png().toBuffer(), await plain.clone().jpeg().toBuffer()];
const megabytes = 2 ** 20;

/** Its header announces this many pixels, and there are none. */
function pngOf(width: number, height: number): Buffer {
  const chunk = (name: string, data: Buffer): Buffer => {
    const body = Buffer.concat([Buffer.from(name), data]);
    const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
    length.writeUInt32BE(data.length);
    sum.writeUInt32BE(crc32(body));
    return Buffer.concat([length, body, sum]);
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2, 0, 0, 0], 8);
  return Buffer.concat([png.subarray(0, 8), chunk('IHDR', header), chunk('IDAT', Buffer.alloc(8)), chunk('IEND', Buffer.alloc(0))]);
}

/** A picture at first, then zeros; counts the bytes that were read. */
function long(bytes: number): { stream: () => Readable; taken: () => number } {
  let taken = 0;
  const parts = function* (): Generator<Buffer> {
    yield png;
    const piece = Buffer.alloc(megabytes / 4);
    for (; taken < bytes; taken += piece.length) yield piece;
  };
  return { stream: () => owned(Readable.from(parts(), { objectMode: false })), taken: () => taken };
}
const ended = async (output: Output, stream?: () => Readable, mostBytes = Infinity) => {
  const generator = paidGenerator({
    start: () => ({ state: 'done', outputs: [output], usage: {} }),
    ...(stream === undefined ? {} : { open: async () => stream() }),
  });
  const given = contextWith(generator);
  const ctx = { ...given, site: { ...given.site, ceilings: { ...given.site.ceilings, requestBytes: Math.min(given.site.ceilings.requestBytes, mostBytes) } } };
  const id = await open(ctx);
  await run(ctx);
  return { id, generator, failed: async () => await endOf(id, 'failed'), complete: async () => await endOf(id, 'complete') };
};
const filesOf = async (id: string): Promise<string[]> => (await uploads.files()).filter((file) => file.includes(id));
const mp4 = Buffer.concat([Buffer.from([0, 0, 0, 24]), Buffer.from('ftypisom\0\0\x02\0isommp41'), Buffer.from([0, 0, 0, 8]), Buffer.from('mdat')]);

test.each<[string, Buffer]>([
  ['a page', Buffer.from('<!doctype html><script>alert(1)</script>')],
  ['a video', mp4],
  ['nothing', Buffer.alloc(0)],
])('%s in place of a picture is the failure of the provider, paid for once and stored nowhere', async (_what, bytes) => {
  const { id, failed, generator } = await ended({ bytes });
  expect((await failed()).error).toMatchObject({ code: 'provider_failed' });
  expect(generator.sent).toBe(1);
  expect(await filesOf(id)).toEqual([]);
  expect(await eventsOf(id)).toEqual(['generation_failed']);
});

test('a picture that announces 40,000 × 40,000 pixels is not decoded, and its failure says why', async () => {
  const { id, failed, generator } = await ended({ bytes: pngOf(40_000, 40_000) });
  expect((await failed()).error).toMatchObject({ code: 'too_many_pixels' });
  expect(generator.sent).toBe(1);
  const assets = await db
    .selectFrom('asset')
    .select(['status'])
    .where('id', 'in', db.selectFrom('generation_output').select('asset_id').where('job_id', '=', id))
    .execute();
  expect(assets).toEqual([{ status: 'failed' }]);
});

test('an SVG with a script has a type that the collection does not accept, and is shown to nobody', async () => {
  const { id, failed } = await ended({ bytes: Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>') });
  expect((await failed()).error).toMatchObject({ code: 'unsupported_type' });
  const objects = await db
    .selectFrom('object')
    .innerJoin('asset', 'asset.id', 'object.asset_id')
    .select(['object.role', 'asset.status'])
    .where('object.key', 'like', `%${id}%`)
    .execute();
  expect(objects).toEqual([{ role: 'source', status: 'failed' }]);
});

test('a result of 200 MB is read up to the limit, and none of it is kept', async () => {
  const { stream, taken } = long(200 * megabytes);
  const { id, failed } = await ended({ from: 'somewhere' }, stream, 20 * megabytes);
  expect((await failed()).error).toMatchObject({ code: 'file_too_large' });
  expect(taken()).toBeLessThan(40 * megabytes);
  expect(await filesOf(id)).toEqual([]);
});

test('an answer with 200 MB of base64 is not read to its end', async () => {
  let sent = 0;
  const piece = Buffer.alloc(megabytes, 'A');
  const { url } = await openaiStub((_, response) => {
    response.writeHead(200, { 'content-type': 'application/json' }).write('{"created":1,"data":[{"b64_json":"');
    const more = (): void => {
      for (; sent < 200 * megabytes && !response.destroyed;) {
        sent += piece.length;
        if (!response.write(piece)) return void response.once('drain', more);
      }
      response.end('"}]}');
    };
    more();
  });
  const generator = createOpenaiGenerator({ apiKey: 'sk-test', imageModels: ['gpt-image-test'], timeoutMs: 60_000, baseURL: url });
  const asked = { kind: 'image' as const, model: 'gpt-image-test', prompt: 'a lamp', n: 1, index: 0, inputs: [], ownerToken: 'nobody' };
  await expect(generator.start(asked, { signal: AbortSignal.timeout(60_000) })).rejects.toMatchObject({
    name: 'ProviderFailure',
    code: 'provider_failed',
    isBilled: true,
  });
  expect(sent).toBeLessThan(150 * megabytes);
});

test('the type of a result follows from its bytes, whatever was requested or declared', async () => {
  const { id, complete } = await ended({ bytes: jpeg });
  expect((await complete()).result).toMatchObject({ media: [{ mimeType: 'image/jpeg', status: 'ready' }] });
  expect(await filesOf(id)).toContainEqual(expect.stringContaining(`/images/${id}_0.jpg`));
});
