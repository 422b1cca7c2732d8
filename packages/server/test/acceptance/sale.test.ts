import { randomBytes, randomUUID } from 'node:crypto';
import { get as httpGet, type IncomingMessage } from 'node:http';
import { crc32 } from 'node:zlib';
import { expect, test } from 'vitest';

import { ask, expectProblem, into, nextServer, readyMedia } from './support/api.ts';

const film = randomBytes(6 * 2 ** 20);
const notes = randomBytes(3000);

type Visit = { agent: string; from: string; range?: string; most?: number };

/** Like a download manager from an address of its own; with `most` it disconnects after so many bytes. */
async function download(url: string, { agent, from, range, most = Infinity }: Visit): Promise<{ status: number; bytes: Buffer }> {
  const { pathname, search } = new URL(url);
  const { promise, resolve, reject } = Promise.withResolvers<{ status: number; bytes: Buffer }>();
  const headers = { 'user-agent': agent, ...(range === undefined ? {} : { range }) };
  const request = httpGet(nextServer() + pathname + search, { headers, localAddress: from, agent: false }, (answer: IncomingMessage) => {
    const status = answer.statusCode ?? 0;
    if (status === 302) {
      answer.resume();
      resolve(carried(answer.headers.location ?? '', range, most));
      return;
    }
    const chunks: Buffer[] = [];
    let length = 0;
    answer.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      length += chunk.length;
      if (length < most) return;
      resolve({ status, bytes: Buffer.concat(chunks) });
      request.destroy();
    });
    answer.once('end', () => resolve({ status, bytes: Buffer.concat(chunks) }));
    answer.once('error', reject);
  });
  request.once('error', reject);
  return await promise;
}

/** Deliveries in which somebody else sends the bytes. */
async function carried(url: string, range: string | undefined, most: number): Promise<{ status: number; bytes: Buffer }> {
  const answer = await fetch(url, range === undefined ? {} : { headers: { range } });
  const bytes = Buffer.from(await answer.arrayBuffer());
  return { status: answer.status, bytes: most === Infinity ? bytes : bytes.subarray(0, most) };
}

// On Linux all addresses of 127.0.0.0/8 are this machine, and networks are told apart by the first three bytes.
test.skipIf(process.platform !== 'linux')('a sale: cut at half, resumed from another network, refunded, restored, and had as an archive', async () => {
  const media = await readyMedia(into('product.files'), { bytes: film, name: 'film.bin' });
  const text = await readyMedia(into('product.files'), { bytes: notes, name: 'notes.bin' });
  const sale = await ask('POST', '/grants', { body: { transaction: `order-${randomUUID()}`, assetIds: [media.id, text.id], maxDownloads: 2 } });
  expect(sale.status).toBe(201);
  const { grant } = sale.body;
  const where = `/grants/${grant.transaction}`;
  const used = async () => (await ask('GET', where)).body.grant.files.map(({ downloads }: { downloads: number }) => downloads);
  const [file] = grant.files;

  const half = await download(file.url, { agent: 'phone', from: '127.1.0.1', most: film.length / 2 });
  expect([half.status, half.bytes.length >= film.length / 2, half.bytes.length < film.length]).toEqual([200, true, true]);
  const rest = await download(file.url, { agent: 'phone', from: '127.2.0.1', range: `bytes=${half.bytes.length}-` });
  expect(rest.status).toBe(206);
  expect(Buffer.concat([half.bytes, rest.bytes]).equals(film)).toBe(true);
  expect(await used()).toEqual([1, 0]);

  expect((await ask('DELETE', where)).status).toBe(200);
  for (const url of [file.url, grant.accessURL, grant.zipURL]) {
    const { pathname, search } = new URL(url);
    for (let turn = 0; turn < 2; turn++) expectProblem(await ask('GET', nextServer() + pathname + search, { token: null }), 410, 'gone');
  }
  expect((await ask('POST', `${where}/restore`)).status).toBe(200);

  const zip = await download(grant.zipURL, { agent: 'laptop', from: '127.3.0.1' });
  expect(zip.status).toBe(200);
  for (const content of [film, notes]) {
    const at = zip.bytes.indexOf(content.subarray(0, 64));
    expect(zip.bytes.subarray(at, at + content.length).equals(content)).toBe(true);
    const head = Buffer.alloc(4);
    head.writeUInt32LE(crc32(content));
    expect(zip.bytes.includes(head)).toBe(true);
  }
  expect(await used()).toEqual([2, 1]);
  // All of the film has been downloaded, none of the notes.
  expect((await download(file.url, { agent: 'another', from: '127.4.0.1' })).status).toBe(403);
  expect((await download(grant.files[1].url, { agent: 'another', from: '127.4.0.1' })).status).toBe(200);
});
