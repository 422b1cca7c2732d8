import { lookup } from 'node:dns/promises';
import { once } from 'node:events';
import { createServer, type Server } from 'node:net';

import type { FastifyInstance } from 'fastify';

import { owned } from '../lib/owned.ts';
import { adviceForAPI, listening } from './cannot-listen.ts';

type Listen = { host: string; port: number; reusePort?: true };

/**
 * Listens at an address; `localhost` means all addresses of this name, IPv4 and IPv6. The framework would make another HTTP server for each further
 * one, which has nothing of what was added to the first. Here all connections belong to one server, which alone refuses, counts and ends them.
 * Throws {@link CannotListen} with the advice if the address is at fault.
 */
export async function listenAt(app: FastifyInstance, { host, ...listen }: Listen, { advice = adviceForAPI, addressesOf = lookupAll } = {}): Promise<void> {
  const [first = host, ...others] = host === 'localhost' ? await addressesOf(host) : [host];
  const doors: Server[] = [];
  let closed: Promise<unknown> | undefined;
  app.addHook('preClose', async () => void (closed = Promise.all(doors.map(async (door) => await new Promise((resolve) => door.close(resolve))))));
  app.addHook('onClose', async () => void (await closed));
  await listening(app.listen({ ...listen, host: first }), { ...listen, host }, advice);
  const taken = app.server.address();
  const port = typeof taken === 'object' && taken !== null ? taken.port : listen.port;
  for (const other of others) {
    const door = await openDoor(app, { ...listen, port, host: other });
    if (door !== null) doors.push(door);
  }
}

const lookupAll = async (host: string): Promise<string[]> => (await lookup(host, { all: true })).map(({ address }) => address);

/** Null if it cannot be had, as IPv6 on many machines: the first address serves all the same. */
async function openDoor(app: FastifyInstance, listen: Listen): Promise<Server | null> {
  // As `http.Server` takes its connections.
  const door = owned(createServer({ allowHalfOpen: true, noDelay: true }, (socket) => app.server.emit('connection', socket)));
  door.listen(listen);
  try {
    await once(door, 'listening');
    return door;
  } catch (error) {
    app.log.warn({ err: error }, `nothing listens at ${listen.host}`);
    return null;
  }
}
