import { createHmac } from 'node:crypto';

/**
 * The headers with which a receiver knows that a message is ours, when it was sent, and that it has not seen it before (Standard Webhooks).
 * Of a message that is sent again the id stays the same. A secret is `whsec_` and base64; while one is being replaced both sign.
 */
export function signMessage(secrets: readonly string[], message: { id: string; body: string; at: Date }): Record<string, string> {
  const { id, body, at } = message;
  const timestamp = String(Math.floor(at.getTime() / 1000));
  const signatures = secrets.map((secret) => {
    const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
    return `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')}`;
  });
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signatures.join(' ') };
}

/** Whether it is one that every verifier of Standard Webhooks takes: 24 to 64 bytes. */
export function isMessageSecret(text: string): boolean {
  const [, base64] = /^whsec_([A-Za-z0-9+/]+={0,2})$/.exec(text) ?? [];
  if (base64 === undefined || base64.length % 4 !== 0) return false;
  const { length } = Buffer.from(base64, 'base64');
  return length >= 24 && length <= 64;
}
