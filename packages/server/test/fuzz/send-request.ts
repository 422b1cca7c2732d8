import { once } from 'node:events';
import { Agent, request, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';

/** A request as it is on the wire: no client library corrects it. */
export type WireRequest = { method: string; path: string; headers: Record<string, string>; body: string | Buffer | null };
export type WireAnswer = { status: number; type: string; body: string };

const agent = new Agent({ keepAlive: true, maxSockets: 16 });
const longestMs = 30_000;

/** Sends it and reads the whole answer; of an event stream only its beginning. Rejects if no answer came. */
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

/** As text of a URL: characters that cannot be in one become replacement characters, as in every browser. */
export const encoded = (value: unknown): string => encodeURIComponent(textOf(value).toWellFormed());
export const textOf = (value: unknown): string => (typeof value === 'string' ? value : (JSON.stringify(value) ?? ''));
/** As the value of a header: one line of single bytes, no longer than a server reads. */
export const headerText = (value: unknown): string =>
  Buffer.from(textOf(value), 'utf8')
    .toString('latin1')
    .replaceAll(/\p{Cc}/gu, '')
    .slice(0, 8_000);
