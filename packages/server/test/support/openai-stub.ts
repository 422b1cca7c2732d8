import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import { onTestFinished } from 'vitest';

export type Seen = { method: string; url: string; headers: IncomingMessage['headers']; body: Buffer };
export type Answering = (seen: Seen, response: ServerResponse) => void;

/** What the real API takes, and nothing besides: an unknown path, method, key, model or field is refused. `seen` counts what was asked. */
export async function openaiStub(answer: Answering, models = ['gpt-image-test']): Promise<{ url: string; seen: Seen[] }> {
  const seen: Seen[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const one = { method: request.method ?? '', url: request.url ?? '', headers: request.headers, body: Buffer.concat(chunks) };
      seen.push(one);
      const wrong = problemOf(one, models);
      if (wrong === null) answer(one, response);
      else answerJson(400, { error: { message: wrong, code: 'stub_refused' } })(one, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`, seen };
}

const fields = new Set(['model', 'prompt', 'n', 'size', 'quality', 'output_format', 'background', 'safety_identifier']);
function problemOf({ method, url, headers, body }: Seen, models: readonly string[]): string | null {
  if (method !== 'POST') return `method ${method}`;
  if (headers.authorization?.startsWith('Bearer sk-test') !== true) return 'no bearer';
  if (url === '/v1/images/edits') return headers['content-type']?.startsWith('multipart/form-data') === true ? null : 'edits come as a form';
  if (url !== '/v1/images/generations') return `path ${url}`;
  const asked = JSON.parse(body.toString()) as Record<string, unknown>;
  const unknown = Object.keys(asked).filter((name) => !fields.has(name));
  if (unknown.length > 0) return `fields ${unknown.join(', ')}`;
  return models.includes(String(asked['model'])) ? null : 'model';
}

export const answerJson =
  (status: number, body: unknown, headers: Record<string, string> = {}): Answering =>
  (_, response) =>
    void response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));

export const answerPictures = (picture: Buffer, n: number): Answering =>
  answerJson(200, { created: 1, data: Array.from({ length: n }, () => ({ b64_json: picture.toString('base64') })), usage: { total_tokens: 9 } });
