/**
 * Thousands of followers of `/v1/events` in a separate process, so that their cost is not counted as the product's. It receives `{ url, tokens }`,
 * opens a stream for each token, and reports `{ open }`; at `'take'` it reports the delays between events and the messages since the last time.
 */
import { connect } from 'node:net';

type Asked = { port: number; tokens: string[] } | 'take';

const atOnce = 50;
const told = 'event: upload_complete\n';
const at = '"at":"';
let delays: number[] = [];

/** Shared by all streams, because Node would otherwise make a buffer of 64 KB for each message, and the readers have only one core. */
const buffer = Buffer.alloc(65_536);

function follow(port: number, token: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const read = (length: number): boolean => {
      const chunk = buffer.toString('latin1', 0, length);
      // Messages are small: one that the network splits in two would be missed, and fail the benchmark.
      for (let found = chunk.indexOf(told); found >= 0; found = chunk.indexOf(told, found + 1)) {
        const time = chunk.indexOf(at, found) + at.length;
        delays.push(Date.now() - Date.parse(chunk.slice(time, time + 24)));
      }
      if (chunk.includes(': welcome')) resolve();
      return true;
    };
    const socket = connect({ port, host: '127.0.0.1', onread: { buffer, callback: read } });
    socket.on('error', reject).on('close', () => reject(new Error('The product ended a stream.')));
    socket.write(`GET /v1/events HTTP/1.1\r\nhost: bench\r\nauthorization: Bearer ${token}\r\n\r\n`);
  });
}

process.on('message', (asked: Asked) => {
  if (asked === 'take') {
    process.send?.({ delays });
    delays = [];
    return;
  }
  const { port, tokens } = asked;
  const open = async (): Promise<void> => {
    for (let token = tokens.pop(); token !== undefined; token = tokens.pop()) await follow(port, token);
  };
  const count = tokens.length;
  Promise.all(Array.from({ length: atOnce }, open)).then(
    () => process.send?.({ open: count }),
    (error: unknown) => process.send?.({ failed: String(error) }),
  );
});
process.on('disconnect', () => process.exit(0));
