/**
 * The minimum of an HTTP server in Node: a request body to a file, a file to an answer. No checks, no names, no rows. `PUT /durable` writes, syncs
 * and renames, `PUT /written` only writes and renames, `GET /<name>` streams a file.
 */
import { createReadStream, createWriteStream } from 'node:fs';
import { rename, stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';

const [directory = '.'] = process.argv.slice(2);
let written = 0;
const lengths = new Map<string, number>();

const server = createServer((request, response) => {
  const name = request.url?.slice(1) ?? '';
  const answer =
    request.method === 'PUT' ? receive(request, name === 'durable').then(() => response.writeHead(201, { 'content-length': '0' }).end()) : send(name);
  answer.catch((error: unknown) => (response.headersSent ? response.destroy() : response.writeHead(500).end(String(error))));

  async function send(file: string): Promise<void> {
    const place = path.join(directory, file);
    const length = lengths.get(file) ?? (await stat(place)).size;
    lengths.set(file, length);
    response.writeHead(200, { 'content-length': length, 'content-type': 'application/octet-stream' });
    await pipeline(createReadStream(place), response);
  }
});

async function receive(body: NodeJS.ReadableStream, durable: boolean): Promise<void> {
  written += 1;
  const place = path.join(directory, `written-${written}`);
  await pipeline(body, createWriteStream(`${place}.partial`, { flush: durable }));
  await rename(`${place}.partial`, place);
}

server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port));
process.on('disconnect', () => process.exit(0));
