import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/**
 * An application with many endpoints, one for each path, in a separate process. `/dead/…` never answers. It reports every message to its parent:
 * when, where, and about which media.
 */
export type Arrival = { path: string; mediaId: string; at: number };

let arrivals: Arrival[] = [];
const server = http.createServer((request, response) => {
  response.on('error', () => undefined);
  const at = Date.now();
  const path = request.url ?? '';
  void text(request).then(
    (body) => {
      arrivals.push({ path, mediaId: (JSON.parse(body) as { data: { mediaId: string } }).data.mediaId, at });
      if (!path.startsWith('/dead')) response.writeHead(204).end();
    },
    () => undefined,
  );
});
setInterval(() => {
  if (arrivals.length > 0) process.send?.(arrivals);
  arrivals = [];
}, 100);
process.on('disconnect', () => process.exit());
server.listen(0, '127.0.0.1', () => process.send?.(`http://127.0.0.1:${(server.address() as AddressInfo).port}`));
