import { once } from 'node:events';
import { Agent, request, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';

/** A request as it goes over the wire: nothing between here and there corrects it. */
export type WireRequest = { method: string; path: string; headers: Record<string, string>; body: string | Buffer | null };
export type WireAnswer = { status: number; type: string; body: string };

const agent = new Agent({ keepAlive: true, maxSockets: 16 });
const longestMs = 30_000;

/** Sends it and reads the answer to its end; of a stream of events only that it began. Rejects when no answer came. */
export async function sendRequest(base: string, { method, path, headers, body }: WireRequest): Promise<WireAnswer> {
  const { hostname, port } = new URL(base);
  const length = body === null ? {} : { 'content-length': String(Buffer.byteLength(body)) };
  const sent = request({ agent, hostname, port, method, path, headers: { ...headers, ...length }, signal: AbortSignal.timeout(longestMs) });
  sent.end(body ?? undefined);
  const [answer] = (await once(sent, 'response')) as [IncomingMessage];
  const type = answer.headers['content-type'] ?? '';
  if (type.startsWith('text/event-stream')) {
    sent.destroy();
    return { status: answer.statusCode ?? 0, type, body: '' };
  }
  return { status: answer.statusCode ?? 0, type, body: await text(answer) };
}

export const closeConnections = (): void => agent.destroy();

/** As text of an address: what has no place in one is a replacement character, as in every browser. */
export const encoded = (value: unknown): string => encodeURIComponent(textOf(value).toWellFormed());
export const textOf = (value: unknown): string => (typeof value === 'string' ? value : (JSON.stringify(value) ?? ''));
/** What may stand in a header: one line of single bytes, and not more of it than a server reads. */
export const headerText = (value: unknown): string =>
  Buffer.from(textOf(value), 'utf8')
    .toString('latin1')
    .replaceAll(/\p{Cc}/gu, '')
    .slice(0, 8_000);
