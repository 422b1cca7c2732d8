import type { IncomingMessage } from 'node:http';

import { AddressRefused, guardedRequest } from '../../egress/guarded-request.ts';
import { signMessage } from '../../egress/sign-message.ts';
import type { Claimed } from './claim-deliveries.ts';
import { readRetryAfter } from './schedule.ts';
import type { WebhookContext } from './webhook-context.ts';

export type Outcome = {
  ok: boolean;
  at: Date;
  /** Null when there was no answer. */
  status: number | null;
  ms: number;
  answer: string;
  retryAfter: number | null;
};

export type AttemptLimits = {
  /** From the first byte sent to the response headers. */
  timeoutMs: number;
};

const keptBytes = 1_024;
/** The headers decide the outcome; the body only helps people who look into a failure. */
const answerMs = 2_000;

export const webhookIdOf = (deliveryId: string): string => `msg_${deliveryId}`;

/** Sends a message once. Never throws: every failure is an outcome, unless `ctx.signal` ended it. */
export async function attemptDelivery(ctx: WebhookContext, claimed: Claimed, limits: AttemptLimits): Promise<Outcome> {
  const { endpoint, body } = claimed;
  const started = performance.now();
  const at = ctx.site.clock.now();
  const ended = (outcome: Pick<Outcome, 'ok' | 'status' | 'answer' | 'retryAfter'>): Outcome => ({
    ...outcome,
    at,
    ms: Math.round(performance.now() - started),
  });
  const unanswered = (answer: string): Outcome => ended({ ok: false, status: null, answer, retryAfter: null });
  if (endpoint.secrets.length === 0) return unanswered('Not sent: the secret was sealed with a signing key that this server no longer has. Rotate it.');
  const deadline = new AbortController();
  const late = setTimeout(() => deadline.abort(new Error(`There was no answer within ${limits.timeoutMs / 1000} seconds.`)), limits.timeoutMs);
  try {
    const response = await guardedRequest(new URL(endpoint.url), {
      guard: ctx.site.webhooks.guard,
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'content-length': String(Buffer.byteLength(body)),
        'user-agent': 'Safelight-Webhooks',
        accept: '*/*',
        'accept-encoding': 'identity',
        ...signMessage(endpoint.secrets, { id: webhookIdOf(claimed.id), body, at }),
      },
      body,
      signal: ctx.signal,
      deadline: deadline.signal,
      ...(ctx.site.webhooks.resolve === undefined ? {} : { resolve: ctx.site.webhooks.resolve }),
    });
    const status = response.statusCode ?? 0;
    const retryAfter = readRetryAfter(response.headers['retry-after'], at);
    return ended({ ok: status >= 200 && status < 300, status, answer: await readAnswer(response), retryAfter });
  } catch (cause) {
    ctx.signal.throwIfAborted();
    return unanswered(cause instanceof AddressRefused ? `Not sent: ${cause.message}` : reasonOf(cause));
  } finally {
    clearTimeout(late);
  }
}

const reasonOf = (cause: unknown): string => (cause instanceof Error && cause.message !== '' ? cause.message : String(cause)).slice(0, keptBytes);

/** The first kilobyte, or what came within two seconds; then the connection is closed, however much follows. */
async function readAnswer(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  const late = setTimeout(() => response.destroy(), answerMs);
  try {
    for await (const bytes of response as AsyncIterable<Buffer>) {
      chunks.push(bytes.subarray(0, keptBytes - length));
      length += bytes.length;
      if (length >= keptBytes) break;
    }
  } catch {
    // What has come until then is kept.
  } finally {
    clearTimeout(late);
    response.destroy();
  }
  // The database cannot store zero bytes, and a replacement character may be longer than what it replaces.
  return Buffer.from(Buffer.concat(chunks).toString().replaceAll('\0', ''))
    .subarray(0, keptBytes)
    .toString()
    .replace(/\uFFFD+$/, '');
}
