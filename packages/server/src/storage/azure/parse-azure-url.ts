import { decodeKey, keyBelow } from '../encode-key.ts';

/**
 * The key of the object that a URL names in this store, with or without a shared access signature, directly or through a CDN; null for every other
 * URL. `containerUrl` is the container's own address, with the account in its host name or (emulators) in its path.
 */
export function parseAzureUrl(containerUrl: string, publicBaseUrl: string | undefined, url: URL): string | null {
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return null;
  const below = publicBaseUrl === undefined ? null : keyBelow(publicBaseUrl, url);
  if (below !== null) return below;
  const own = new URL(containerUrl);
  // Old rows may hold http links to what is served by https now.
  if (url.host !== own.host) return null;
  const folder = `${own.pathname.replace(/\/$/, '')}/`;
  return url.pathname.startsWith(folder) ? decodeKey(url.pathname.slice(folder.length)) || null : null;
}
