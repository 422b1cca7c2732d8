import { connect, type Socket } from 'node:net';

/** Of a longer answer, `beginning` has only its first bytes; it is overwritten by the next. */
type Answer = { status: number; beginning: Buffer };
const keptBytes = 65_536;

export type Load = { requests: number; wallMs: number };

type Connection = { send(request: readonly Buffer[]): Promise<Answer>; close(): void };

/**
 * One keep-alive connection, one request at a time. Written by hand, because a client that costs more than the server would measure itself, and it reads into
 * the same bytes again and again: with a buffer for each answer, the slowest requests of a hundred were those during which this process collected its garbage.
 */
async function openConnection(port: number): Promise<Connection> {
  const kept = Buffer.allocUnsafe(keptBytes);
  let waiting: PromiseWithResolvers<Answer> | null = null;
  let head: Head | null = null;
  let got = 0;
  const take = (count: number, bytes: Uint8Array): true => {
    if (got < keptBytes) kept.set(bytes.subarray(0, Math.min(count, keptBytes - got)), got);
    got += count;
    head ??= parseHead(kept.subarray(0, got));
    if (head === null || got < head.headBytes + head.bodyBytes) return true;
    const answer = { status: head.status, beginning: kept.subarray(head.headBytes, got) };
    [head, got] = [null, 0];
    waiting?.resolve(answer);
    return true;
  };
  const socket: Socket = connect({ port, host: '127.0.0.1', onread: { buffer: Buffer.allocUnsafe(keptBytes), callback: take } });
  socket.setNoDelay(true);
  await new Promise<void>((resolve, reject) => socket.once('connect', resolve).once('error', reject));
  let ended: Error | null = null;
  const fail = (cause?: unknown): void => {
    ended ??= new Error('The connection ended before the answer.', { cause });
    waiting?.reject(ended);
  };
  socket.on('error', fail).on('close', () => fail());
  return {
    async send(request) {
      // The server closes a connection that was idle for long.
      if (ended !== null) throw ended;
      waiting = Promise.withResolvers<Answer>();
      socket.cork();
      for (const part of request) socket.write(part);
      socket.uncork();
      return await waiting.promise;
    },
    close: () => void socket.destroy(),
  };
}

type Head = { status: number; headBytes: number; bodyBytes: number };

function parseHead(bytes: Buffer): Head | null {
  const end = bytes.indexOf('\r\n\r\n');
  if (end < 0) return null;
  const text = bytes.toString('latin1', 0, end);
  return { status: Number(text.slice(9, 12)), headBytes: end + 4, bodyBytes: Number(/content-length: *(\d+)/i.exec(text)?.[1] ?? 0) };
}

/** Keeps `connections` requests in progress for `forMs`, and counts the answers; any other status than `expect` is an error. */
export async function load(options: { port: number; connections: number; forMs: number; expect: number; request(): readonly Buffer[] }): Promise<Load> {
  const connections = await Promise.all(Array.from({ length: options.connections }, () => openConnection(options.port)));
  try {
    const began = performance.now();
    let requests = 0;
    await Promise.all(
      connections.map(async (connection) => {
        while (performance.now() - began < options.forMs) {
          const { status, beginning } = await connection.send(options.request());
          if (status !== options.expect) throw new Error(`${status} instead of ${options.expect}: ${beginning.toString('utf8', 0, 500)}`);
          requests += 1;
        }
      }),
    );
    return { requests, wallMs: performance.now() - began };
  } finally {
    for (const connection of connections) connection.close();
  }
}

/** How often a request is sent before it is another one's turn: what one leaves to do, such as its garbage, must not count as the next one's time. */
const turn = 100;

/** Sends these requests by turns, again and again, on one connection, and returns how many milliseconds the answers to each of them took. */
export async function timeAnswers(options: { port: number; expect: number; requests: readonly (readonly Buffer[])[]; isOver(): boolean }): Promise<number[][]> {
  const connection = await openConnection(options.port);
  const times = options.requests.map((): number[] => []);
  try {
    while (!options.isOver()) {
      for (let count = 0; count < options.requests.length * turn; count++) {
        const index = Math.floor(count / turn);
        const request = options.requests[index] ?? [];
        const began = performance.now();
        const { status } = await connection.send(request);
        times[index]?.push(performance.now() - began);
        if (status !== options.expect) throw new Error(`${status} instead of ${options.expect}`);
      }
    }
    return times;
  } finally {
    connection.close();
  }
}

export const getRequest = (pathname: string): readonly Buffer[] => [Buffer.from(`GET ${pathname} HTTP/1.1\r\nhost: bench\r\n\r\n`)];

export const putRequest = (pathname: string, body: Buffer): readonly Buffer[] => [
  Buffer.from(`PUT ${pathname} HTTP/1.1\r\nhost: bench\r\ncontent-type: application/octet-stream\r\ncontent-length: ${body.length}\r\n\r\n`),
  body,
];

const boundary = 'safelight-bench';

/** A form with one file, like a browser's. */
export function formRequest(
  pathname: string,
  token: string,
  fields: Record<string, string>,
  file: { name: string; type: string; bytes: Buffer },
): readonly Buffer[] {
  const parts = Object.entries(fields).map(([name, value]) => `--${boundary}\r\ncontent-disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`);
  const before = `${parts.join('')}--${boundary}\r\ncontent-disposition: form-data; name="file"; filename="${file.name}"\r\ncontent-type: ${file.type}\r\n\r\n`;
  const after = Buffer.from(`\r\n--${boundary}--\r\n`);
  const length = Buffer.byteLength(before) + file.bytes.length + after.length;
  const head = `POST ${pathname} HTTP/1.1\r\nhost: bench\r\nauthorization: Bearer ${token}\r\ncontent-type: multipart/form-data; boundary=${boundary}\r\ncontent-length: ${length}\r\n\r\n`;
  return [Buffer.from(head + before), file.bytes, after];
}
