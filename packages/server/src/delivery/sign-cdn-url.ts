import { createHash, createHmac, createSign } from 'node:crypto';

import { contentDisposition, encodedName } from './content-disposition.ts';

export const cdnKinds = ['nginx-secure-link', 'cloudfront', 'cloudflare', 'bunny'] as const;

/** The settings for sending readers to a CDN: which store it serves, and the keys that it verifies our addresses with. */
export type Cdn = { kind: (typeof cdnKinds)[number]; baseURL: string; store: string; keyId: string | null; secret: string };

/** The file that the CDN is to send, and how. */
export type CdnFile = { key: string; disposition: 'inline' | 'attachment'; mimeType: string; fileName: string };

/**
 * The address of an object at a CDN, which verifies the signature and the expiry itself. It includes how to show the file, if the CDN can take that
 * from an address; otherwise readers get the store's own type and the name in the key.
 */
export function signCdnURL(cdn: Cdn, file: CdnFile, times: { now: Date; expiresAt: Date }): string {
  const path = `${new URL(cdn.baseURL).pathname.replace(/\/$/, '')}/${file.key.split('/').map(encodeURIComponent).join('/')}`;
  const address = `${new URL(cdn.baseURL).origin}${path}`;
  const [now, until] = [times.now, times.expiresAt].map((at) => String(Math.floor(at.getTime() / 1000)));
  switch (cdn.kind) {
    case 'nginx-secure-link':
      return `${address}?${secureLink(cdn.secret, { path, until: until ?? '', file })}`;
    case 'cloudfront':
      return cloudFrontURL(cdn, address, until ?? '', file);
    case 'cloudflare':
      // The time of signing; the rule at Cloudflare defines how long it is valid.
      return `${address}?verify=${now}-${encodeURIComponent(createHmac('sha256', cdn.secret).update(`${path}${now}`).digest('base64'))}`;
    case 'bunny':
      return `${address}?token=${bunnyToken(cdn.secret, `${decodeURIComponent(path)}${until}`)}&expires=${until}`;
    default:
      return cdn.kind satisfies never;
  }
}

/** Their advanced tokens as of 2026: a keyed hash over the decoded path. */
const bunnyToken = (key: string, message: string): string => `HS256-${createHmac('sha256', key).update(message).digest('base64url')}`;

/** As docs/nginx.conf verifies it: over the path as nginx decodes it, and the raw query. */
function secureLink(secret: string, { path, until, file }: { path: string; until: string; file: CdnFile }): string {
  const [type, name] = [encodeURIComponent(file.mimeType).replace('%2F', '/'), encodedName(file.fileName)];
  const said = `${until}${decodeURIComponent(path)}${file.disposition}${type}${name} ${secret}`;
  return `md5=${createHash('md5').update(said).digest('base64url')}&expires=${until}&as=${file.disposition}&type=${type}&name=${name}`;
}

/** A canned policy: only the address and its expiry. S3 behind it answers with the headers that the address names. */
function cloudFrontURL({ secret, keyId }: Cdn, address: string, until: string, { disposition, mimeType, fileName }: CdnFile): string {
  const query = new URLSearchParams({ 'response-content-disposition': contentDisposition(disposition, fileName), 'response-content-type': mimeType });
  // In a policy, a star would be a wildcard.
  const url = `${address}?${query.toString().replaceAll('+', '%20').replaceAll('*', '%2A')}`;
  const policy = `{"Statement":[{"Resource":"${url}","Condition":{"DateLessThan":{"AWS:EpochTime":${until}}}}]}`;
  const signature = createSign('RSA-SHA1').update(policy).sign(secret, 'base64').replaceAll('+', '-').replaceAll('=', '_').replaceAll('/', '~');
  return `${url}&Expires=${until}&Signature=${signature}&Key-Pair-Id=${keyId ?? ''}`;
}
