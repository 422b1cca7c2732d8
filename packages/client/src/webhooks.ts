import type { Media } from '@safelight/contract/api';
import type { WebhookEvent as EventOf } from '@safelight/contract/events';

/** Events with records as the API returns them. */
export type WebhookEvent = EventOf<Media>;

export type WebhookHeaders = Headers | Readonly<Record<string, string | readonly string[] | undefined>>;

/** The message was not sent by Safelight with this secret, or is too old. Answer it with a 4xx, and do nothing else. */
export class WebhookRefused extends Error {
  override readonly name = 'WebhookRefused';
}

const toleranceSeconds = 300;

/**
 * Returns the event of a message if its signature is valid, else throws `WebhookRefused`. `rawBody` is the body as it was
 * received, byte for byte: if it was parsed and serialized again, the signature differs. Pass several secrets during a rotation. Works wherever
 * WebCrypto is available.
 */
export async function verifyWebhook(
  rawBody: string | Uint8Array,
  headers: WebhookHeaders,
  secret: string | readonly string[],
  options: { now?: Date } = {},
): Promise<WebhookEvent> {
  const [id, timestamp, signatures] = ['webhook-id', 'webhook-timestamp', 'webhook-signature'].map((name) => read(headers, name));
  if (!id || !timestamp || !signatures) throw new WebhookRefused('The headers webhook-id, webhook-timestamp and webhook-signature are needed.');
  const seconds = /^\d{1,12}$/.test(timestamp) ? Number(timestamp) : Number.NaN;
  const age = (options.now ?? new Date()).getTime() / 1000 - seconds;
  if (!(Math.abs(age) <= toleranceSeconds)) throw new WebhookRefused('The message was not signed within the last five minutes.');
  const body = typeof rawBody === 'string' ? rawBody : new TextDecoder().decode(rawBody);
  const signed = new TextEncoder().encode(`${id}.${timestamp}.${body}`);
  const given = signatures.split(' ').flatMap((entry) => (entry.startsWith('v1,') ? [bytesOf(entry.slice(3))] : []));
  for (const one of typeof secret === 'string' ? [secret] : secret) {
    const key = await crypto.subtle.importKey('raw', keyOf(one), { name: 'HMAC', hash: 'SHA-256' }, false, ['verify']);
    for (const signature of given) {
      // Compares in constant time.
      if (signature !== null && (await crypto.subtle.verify('HMAC', key, signature, signed))) return parse(body);
    }
  }
  throw new WebhookRefused('The signature is not of this secret, or the body was changed on its way.');
}

function read(headers: WebhookHeaders, name: string): string | undefined {
  if (headers instanceof Headers) return headers.get(name) ?? undefined;
  const value = Object.entries(headers).find(([key]) => key.toLowerCase() === name)?.[1];
  return typeof value === 'string' || value === undefined ? value : value.join(' ');
}

function keyOf(secret: string): Uint8Array<ArrayBuffer> {
  const key = bytesOf(secret.replace(/^whsec_/, ''));
  if (key === null || key.length === 0) throw new TypeError('The secret is not whsec_ and base64, as Safelight gave it out.');
  return key;
}

function bytesOf(base64: string): Uint8Array<ArrayBuffer> | null {
  try {
    return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  } catch {
    return null;
  }
}

function parse(body: string): WebhookEvent {
  try {
    // The signature shows that Safelight sent it.
    return JSON.parse(body) as WebhookEvent;
  } catch {
    throw new WebhookRefused('The body is signed, and is no JSON.');
  }
}
