import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { request } from 'node:http';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';

import { describe, expect, onTestFinished, test } from 'vitest';

import { residentBytes } from '../src/processing/image/decoder-process.ts';
import { clientOf } from './support/product-client.ts';
import { startProduct, type Product } from './support/product.ts';
import { aac, h264, makeClip, picture, tone, whyNoFfmpeg } from './support/recordings.ts';
import { temporaryDirectory } from './support/temporary-directory.ts';

const why = whyNoFfmpeg();
const directory = await temporaryDirectory();
const config = path.resolve(import.meta.dirname, 'support/motion.config.ts');
const mebibyte = 2 ** 20;

describe.skipIf(why !== null)(`a very large clip${why === null ? '' : ` (${why})`}`, () => {
  test('a clip of a gibibyte is uploaded and made ready without growing the service by 64 MiB', async () => {
    const part = await makeClip(directory, 'part.mp4', [
      ...picture(20, '640x360'),
      ...tone(20),
      '-vf',
      'noise=alls=40:allf=t',
      ...h264,
      '-b:v',
      '7M',
      '-maxrate',
      '7M',
      '-bufsize',
      '7M',
      ...aac,
      '-shortest',
    ]);
    const times = Math.ceil(2 ** 30 / (await stat(part)).size);
    const large = await makeClip(directory, 'large.mp4', ['-stream_loop', String(times), '-i', part, '-c', 'copy', '-movflags', '+faststart']);
    const { size } = await stat(large);
    expect(size).toBeGreaterThan(2 ** 30);
    const product = await startProduct('start', { dataDir: path.join(directory, 'gibibyte'), env: { SAFELIGHT_CONFIG: config } });
    onTestFinished(async () => void (await product.stop()));
    const client = clientOf(product);
    // Code is compiled and buffers are allocated: not counted.
    for (let warm = 0; warm < 3; warm++) expect(await client.settled(await stream(product, part, (await stat(part)).size))).toMatchObject({ status: 'ready' });
    const before = residentBytes(product.pid) ?? 0;
    let most = before;
    const watch = setInterval(() => (most = Math.max(most, residentBytes(product.pid) ?? 0)), 50);
    onTestFinished(() => clearInterval(watch));
    const id = await stream(product, large, size);
    await expect.poll(async () => (await client.media(id)).status, { timeout: 240_000, interval: 200 }).toMatch(/ready|failed/);
    expect(await client.media(id)).toMatchObject({ status: 'ready', processing: { mode: 'remux' } });
    expect((most - before) / mebibyte).toBeLessThan(64);
  }, 360_000);
});

/** Sends a file as a form without holding it in memory, like curl. */
async function stream({ url, token }: Product, file: string, bytes: number): Promise<string> {
  const boundary = 'part-of-the-film';
  const field = (name: string, value: string): string => `--${boundary}\r\ncontent-disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`;
  const head = `${field('collection', 'artist.epics')}${field('entityType', 'artist')}${field('entityId', '42')}--${boundary}\r\ncontent-disposition: form-data; name="file"; filename="large.mp4"\r\ncontent-type: video/mp4\r\n\r\n`;
  const tail = `\r\n--${boundary}--\r\n`;
  const { promise: answered, resolve, reject } = Promise.withResolvers<string>();
  const sent = request(`${url}/v1/media`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${token}`,
      'content-type': `multipart/form-data; boundary=${boundary}`,
      'content-length': Buffer.byteLength(head) + bytes + Buffer.byteLength(tail),
    },
  });
  sent.on('error', reject);
  sent.on('response', (response) => {
    let text = '';
    response.setEncoding('utf8').on('data', (more: string) => (text += more));
    response.on('end', () => (response.statusCode === 202 ? resolve(text) : reject(new Error(`${response.statusCode}: ${text}`))));
  });
  sent.write(head);
  await pipeline(createReadStream(file), sent, { end: false });
  sent.end(tail);
  return (JSON.parse(await answered) as { media: { id: string } }).media.id;
}
