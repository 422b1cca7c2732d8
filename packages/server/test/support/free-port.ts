import { once } from 'node:events';
import { createServer } from 'node:net';

/** Below the ports that Linux (from 32768) and others (from 49152) give to outgoing connections, one of which would take it before its server does. */
const [lowest, highest] = [20_000, 32_000];
/** Two servers that are started at the same time must not get the same one. */
const given = new Set<number>();

/** A port of 127.0.0.1 at which nothing listens, for a server that has to be told its port. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = lowest + Math.floor(Math.random() * (highest - lowest));
    if (given.has(port)) continue;
    given.add(port);
    if (await isFree(port)) return port;
  }
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  try {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
  } catch {
    return false;
  }
  server.close();
  await once(server, 'close');
  return true;
}
