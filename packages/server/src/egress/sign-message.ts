import { createHmac, randomUUID } from 'node:crypto';

/**
 * The headers with which a receiver knows that a message is ours, when it was sent, and that it has not seen it before (Standard Webhooks).
 * A secret with `whsec_` before it is base64, any other is taken as it is.
 */
export function signMessage(secret: string, body: string, now = new Date(), id = `msg_${randomUUID()}`): Record<string, string> {
  const timestamp = String(Math.floor(now.getTime() / 1000));
  const key = secret.startsWith('whsec_') ? Buffer.from(secret.slice('whsec_'.length), 'base64') : Buffer.from(secret);
  const signature = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64');
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': `v1,${signature}` };
}
