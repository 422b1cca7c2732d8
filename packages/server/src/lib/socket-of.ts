import { Duplex } from 'node:stream';

import type pg from 'pg';

/** The socket of a connection, which pg's types do not name; undefined where it has none. */
export function socketOf(client: pg.PoolClient): Duplex | undefined {
  const connection: unknown = Reflect.get(client, 'connection');
  const socket: unknown = typeof connection === 'object' && connection !== null ? Reflect.get(connection, 'stream') : undefined;
  return socket instanceof Duplex ? socket : undefined;
}
