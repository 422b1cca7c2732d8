import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';

import { owned } from '../lib/owned.ts';
import { adviceForAPI, listening } from './cannot-listen.ts';

/** Where a server will listen, and its URL from this machine. */
export type Address = { url: string; listen: { host: string; port: number; reusePort?: true }; release(): void };

/** Only Linux lets our server listen beside the socket that reserves its port. */
const canHold = process.platform === 'linux';

/**
 * The address of a server before it listens, for everything that has to name the server earlier. For port 0 a free port is chosen now and held until
 * `release` is called, so that nobody else gets it meanwhile.
 */
export async function takeAddress(host: string, port: number): Promise<Address> {
  if (port !== 0) return { url: urlOf(host, port), listen: { host, port }, release: () => {} };
  const holder = owned(createServer());
  holder.listen({ host, port, reusePort: canHold });
  await listening(once(holder, 'listening'), { host, port }, adviceForAPI);
  const chosen = (holder.address() as AddressInfo).port;
  if (!canHold) holder.close();
  return {
    url: urlOf(host, chosen),
    listen: { host, port: chosen, ...(canHold ? { reusePort: true } : {}) },
    release: () => void (holder.listening && holder.close()),
  };
}

function urlOf(host: string, port: number): string {
  const name = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host.includes(':') ? `[${host}]` : host;
  return `http://${name}:${port}`;
}
