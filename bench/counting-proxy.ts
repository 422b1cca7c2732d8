import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

export type Statement = { connection: number; text: string };
export type CountingProxy = {
  url: string;
  /** Every statement that was executed since the last call, in order. */
  taken(): Statement[];
  close(): void;
};

/** A proxy between the product and its Postgres that reads the product's side of the protocol, to count what is really sent. */
export async function startCountingProxy(databaseUrl: string): Promise<CountingProxy> {
  const { hostname, port } = new URL(databaseUrl);
  let statements: Statement[] = [];
  let connections = 0;
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const connection = (connections += 1);
    const upstream = connect(Number(port), hostname);
    for (const socket of [client, upstream]) sockets.add(socket.setNoDelay(true).on('error', () => socket.destroy()));
    client.pipe(upstream).pipe(client);
    client.on(
      'data',
      readStatements((text) => statements.push({ connection, text })),
    );
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = new URL(databaseUrl);
  url.port = String((server.address() as AddressInfo).port);
  return {
    url: url.href,
    taken() {
      const taken = statements;
      statements = [];
      return taken;
    },
    close() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

/** Frontend messages of protocol version 3: `Q` runs a text; `P` prepares one under a name, `B` binds it, `E` executes it. */
function readStatements(onStatement: (text: string) => void): (chunk: Buffer) => void {
  let rest = Buffer.alloc(0);
  let isStarted = false;
  let bound = '';
  const named = new Map<string, string>();
  const read = (type: string, body: Buffer): void => {
    const [first = '', second = ''] = body.toString('utf8').split('\0', 2);
    if (type === 'Q') onStatement(first);
    if (type === 'P') named.set(first, second);
    if (type === 'B') bound = named.get(second) ?? '';
    if (type === 'E') onStatement(bound);
  };
  return (chunk) => {
    rest = Buffer.concat([rest, chunk]);
    for (;;) {
      // The first message has no type.
      const lengthAt = isStarted ? 1 : 0;
      if (rest.length < lengthAt + 4) return;
      const end = lengthAt + rest.readUInt32BE(lengthAt);
      if (rest.length < end) return;
      if (isStarted) read(String.fromCharCode(rest[0] ?? 0), rest.subarray(lengthAt + 4, end));
      isStarted = true;
      rest = rest.subarray(end);
    }
  };
}
