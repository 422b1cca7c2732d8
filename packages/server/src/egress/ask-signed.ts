import { signMessage } from './sign-message.ts';

const mostAnswerBytes = 65_536;

export type Signed = { secret: string; /** The id of a question, the same however often it is asked. */ id: string; message: { type: string; data: unknown } };

/**
 * Asks a service of the application with a signed request (Standard Webhooks), and returns its status and its answer: undefined when that is not JSON
 * or too long. Rejects when there is no answer at all. A redirect does not count as one: the question is for that address alone.
 */
export async function askSigned(url: string, { secret, id, message }: Signed, { signal }: { signal: AbortSignal }): Promise<{ status: number; said: unknown }> {
  const at = new Date();
  const body = JSON.stringify({ type: message.type, timestamp: at.toISOString(), data: message.data });
  const headers = { 'content-type': 'application/json', ...signMessage([secret], { id, body, at }) };
  const answer = await fetch(url, { method: 'POST', redirect: 'error', signal, body, headers });
  if (answer.status === 200) return { status: 200, said: await readJson(answer) };
  await answer.body?.cancel();
  return { status: answer.status, said: undefined };
}

async function readJson(answer: Response): Promise<unknown> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of answer.body ?? []) {
    chunks.push(chunk);
    length += chunk.length;
    if (length > mostAnswerBytes) return undefined;
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString());
  } catch {
    return undefined;
  }
}
