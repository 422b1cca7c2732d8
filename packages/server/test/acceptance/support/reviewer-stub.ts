import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

export type ReviewRequest = {
  headers: Record<string, string>;
  /** The body as it was sent, because the signature covers these bytes. */
  body: string;
};

/**
 * The review service of an application: it accepts every request (`POST /`) and promises to call back. Tests read at `GET /{mediaId}` what it was
 * asked about an asset, because they run in other processes.
 */
export async function startReviewerStub(): Promise<{ url: string; stop(): Promise<void> }> {
  const asked = new Map<string, ReviewRequest[]>();
  const server = createServer((request, response) => {
    void (async () => {
      if (request.method !== 'POST') return response.end(JSON.stringify(asked.get(request.url?.slice(1) ?? '') ?? []));
      const body = await text(request);
      const { mediaId } = (JSON.parse(body) as { data: { mediaId: string } }).data;
      const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
      asked.set(mediaId, [...(asked.get(mediaId) ?? []), { headers, body }]);
      return response.writeHead(202).end();
    })();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
