import http, { type ClientRequest } from 'node:http';

/** More than a server needs to detect the type of a file. */
const firstBytes = 70_000;
const drip = Buffer.alloc(10);
const dripEveryMs = 500;

/** Requests that each announce a megabyte, send a beginning, and then ten bytes every half second, while `use` runs. */
export async function besideSlowClients<T>(
  requests: readonly { method: string; url: string; headers: Record<string, string>; before?: Buffer }[],
  use: () => Promise<T>,
): Promise<T> {
  const slow = await Promise.all(requests.map(async (request) => await begin(request)));
  const dripping = setInterval(() => slow.forEach((request) => request.write(drip)), dripEveryMs);
  try {
    return await use();
  } finally {
    clearInterval(dripping);
    for (const request of slow) request.destroy();
  }
}

async function begin({
  method,
  url,
  headers,
  before,
}: {
  method: string;
  url: string;
  headers: Record<string, string>;
  before?: Buffer;
}): Promise<ClientRequest> {
  const request = http.request(url, { method, agent: false, headers: { ...headers, 'content-length': '1000000' } });
  request.on('error', () => undefined);
  request.once('response', (response) => {
    throw new Error(`A slow client was answered ${response.statusCode} in the middle of its body.`);
  });
  await new Promise((resolve) => request.write(Buffer.concat([before ?? Buffer.alloc(0), Buffer.alloc(firstBytes)]), resolve));
  return request;
}
