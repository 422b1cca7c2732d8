import { createHmac } from 'node:crypto';

/**
 * The headers by which a receiver recognises that a message is ours, when it was sent, and whether it is a repeat (Standard Webhooks). A repeated
 * message keeps its id. A secret is `whsec_` and base64; during a rotation both secrets sign.
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

/** Whether every verifier of Standard Webhooks accepts the secret: 24 to 64 bytes. */
export function isMessageSecret(text: string): boolean {
  const [, base64] = /^whsec_([A-Za-z0-9+/]+={0,2})$/.exec(text) ?? [];
  if (base64 === undefined || base64.length % 4 !== 0) return false;
  const { length } = Buffer.from(base64, 'base64');
  return length >= 24 && length <= 64;
}
