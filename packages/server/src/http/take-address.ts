import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';

import { owned } from '../lib/owned.ts';

/** Where a server is about to listen, and how it is reached from this machine. */
export type Address = { url: string; listen: { host: string; port: number; reusePort?: true }; release(): void };

/** Where the system lets a server of ours listen beside what holds its port for it. */
const canHold = process.platform === 'linux';

/**
 * The address of a server, before it listens: everything that names the server is made before. Where any free port is asked for (0), one is
 * chosen now, and held until `release` is called, so that nobody else gets it meanwhile.
 */
export async function takeAddress(host: string, port: number): Promise<Address> {
  if (port !== 0) return { url: urlOf(host, port), listen: { host, port }, release: () => {} };
  const holder = owned(createServer());
  holder.listen({ host, port, reusePort: canHold });
  await once(holder, 'listening');
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
