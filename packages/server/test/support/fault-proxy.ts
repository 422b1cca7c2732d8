import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

/** Faults between a client and a server that both work. */
export type Fault =
  | { kind: 'none' }
  /** The connection is reset as soon as it is made. */
  | { kind: 'refuse' }
  /** A connection is reset once this many bytes have arrived on it from the client, or from the server. Once only. */
  | { kind: 'reset'; from: 'client' | 'server'; afterBytes: number }
  /**
   * The request arrives and is executed, but instead of its answer the connection is reset. Once only. If answers to earlier requests may come first,
   * `is` recognises the one to lose. With `isSilent` the connection stays open, and the client waits.
   */
  | { kind: 'lost answer'; to: RegExp; is?: RegExp; isSilent?: true }
  /** Once this many bytes have come from the server, nothing more is passed on; the connection stays open. */
  | { kind: 'stall'; afterBytes: number }
  /** Each chunk is delayed. */
  | { kind: 'latency'; milliseconds: number };

export type FaultProxy = {
  origin: string;
  /** How many connections were made so far. */
  connections(): number;
  /** Whether the fault has happened. */
  happened(): boolean;
  /** Resets every open connection. */
  cut(): void;
  /**
   * From now on another fault happens, once, with connections that are numbered anew; idle connections are closed, so that nobody uses them again.
   */
  arm(fault: (connection: number) => Fault): void;
  stop(): Promise<void>;
};

/**
 * A proxy of bytes that does not interpret them. The target may be `unix:` and the path of a socket. `fault` is called for each connection, numbered
 * from 1.
 */
export async function startFaultProxy(target: string, first: (connection: number) => Fault): Promise<FaultProxy> {
  let fault = first;
  const { protocol, hostname, port, pathname } = new URL(target);
  const where = protocol === 'unix:' ? { path: pathname } : { host: hostname, port: Number(port) };
  const sockets = new Set<Socket>();
  let connections = 0;
  let happened = false;

  const keep = (socket: Socket): Socket => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
    return socket;
  };

  const server = createServer({ allowHalfOpen: true }, (client) => {
    keep(client);
    connections += 1;
    const wrong = fault(connections);
    const reset = (): void => {
      happened = true;
      client.resetAndDestroy();
      upstream?.destroy();
    };
    let upstream: Socket | null = null;
    if (wrong.kind === 'refuse') return reset();
    upstream = keep(connect({ ...where, allowHalfOpen: true }));
    client.on('close', () => upstream.destroy());
    upstream.on('close', () => client.destroy());
    let losing = false;
    const isLost = (chunk: Buffer): boolean => losing && wrong.kind === 'lost answer' && (wrong.is?.test(chunk.toString('latin1')) ?? true);
    pass(client, upstream, wrong, (total, chunk) => {
      if (wrong.kind === 'reset' && !happened && wrong.from === 'client' && total >= wrong.afterBytes) reset();
      if (wrong.kind === 'lost answer' && !happened && wrong.to.test(chunk.toString('latin1'))) losing = true;
      return true;
    });
    pass(upstream, client, wrong, (total, chunk) => {
      if (wrong.kind === 'lost answer' && wrong.isSilent === true && isLost(chunk)) {
        happened = true;
        return false;
      }
      if (!happened && isLost(chunk)) reset();
      if (wrong.kind === 'reset' && !happened && wrong.from === 'server' && total >= wrong.afterBytes) reset();
      const stalls = wrong.kind === 'stall' && total >= wrong.afterBytes;
      happened ||= stalls;
      return !stalls;
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return {
    origin: `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`,
    connections: () => connections,
    happened: () => happened,
    cut: () => {
      for (const socket of sockets) socket.resetAndDestroy();
    },
    arm: (next) => {
      for (const socket of sockets) socket.destroy();
      fault = next;
      connections = 0;
      happened = false;
    },
    stop: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Passes bytes on in order, as fast as the other side accepts them. `look` sees each chunk first, and returns whether to pass it on. */
function pass(from: Socket, to: Socket, fault: Fault, look: (total: number, chunk: Buffer) => boolean): void {
  let total = 0;
  const onward = async (chunk: Buffer): Promise<void> => {
    total += chunk.length;
    if (fault.kind === 'latency') await new Promise((resolve) => setTimeout(resolve, fault.milliseconds));
    if (!look(total, chunk) || to.destroyed || from.destroyed) return;
    if (to.write(chunk)) from.resume();
    else to.once('drain', () => from.resume());
  };
  from.on('data', (chunk: Buffer) => {
    from.pause();
    void onward(chunk);
  });
  from.on('end', () => to.end());
}
