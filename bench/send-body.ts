import { once } from 'node:events';
import http, { type IncomingMessage } from 'node:http';

export type Sent = { status: number; headers: http.IncomingHttpHeaders; text: string };

/** One request with its whole body, on its own connection or that of an agent: the same client for every compared server. */
export async function sendBody(
  method: string,
  url: string,
  headers: Record<string, string>,
  parts: readonly Buffer[] = [],
  agent: http.Agent | false = false,
): Promise<Sent> {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const request = http.request(url, { method, agent, headers: { ...headers, 'content-length': String(length) } });
  const answered = once(request, 'response') as Promise<[IncomingMessage]>;
  for (const part of parts) request.write(part);
  request.end();
  const [response] = await answered;
  let text = '';
  for await (const chunk of response) text += String(chunk);
  return { status: response.statusCode ?? 0, headers: response.headers, text };
}

/** The same, with any other status as an error. */
export async function expectStatus(status: number, sent: Promise<Sent>): Promise<Sent> {
  const answer = await sent;
  if (answer.status !== status) throw new Error(`${answer.status} instead of ${status}: ${answer.text}`);
  return answer;
}
