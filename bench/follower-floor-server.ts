/**
 * The minimum of a server of events in Node: `GET` opens a stream of Server-Sent Events, `POST` is answered and writes one message, as long as one of
 * ours, to all streams. Nobody is checked, nothing is stored, and no request passes between the streams.
 */
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

const streams = new Set<ServerResponse>();
/** The length of what we tell of an upload to our `product.files`. */
const messageBytes = 1_470;

const server = createServer((request, response) => {
  if (request.method === 'GET') {
    streams.add(response);
    response.on('close', () => streams.delete(response));
    response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache' });
    response.write(': welcome\n\n');
    return;
  }
  const start = `id: 1\nevent: upload_complete\ndata: {"at":"${new Date().toISOString()}","text":"`;
  const message = `${start}${'-'.repeat(messageBytes - start.length)}"}\n\n`;
  response.writeHead(202, { 'content-length': '0' }).end();
  for (const stream of streams) stream.write(message);
});

server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port));
process.on('disconnect', () => process.exit(0));
