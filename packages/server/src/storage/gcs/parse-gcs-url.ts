import { decodeKey, keyBelow } from '../encode-key.ts';
import type { GcsStoreConfig } from './gcs-store-config.ts';

const pathHosts = new Set(['storage.googleapis.com', 'storage.cloud.google.com', 'commondatastorage.googleapis.com']);
const apiHosts = new Set(['storage.googleapis.com', 'www.googleapis.com', 'firebasestorage.googleapis.com']);

/** `/storage/v1/b/<bucket>/o/<key as one encoded name>`, also for downloads and Firebase. */
const apiPath = /^\/(?:(?:download\/)?storage\/v1|v0)\/b\/([^/]+)\/o\/([^/]+)$/;

/**
 * The key of the object that a URL names in this store: bucket in the path or the host name, the API's own address, Firebase's, a CDN. Null for every
 * other URL. Query strings (signatures, generations) do not change which object it is.
 */
export function parseGcsUrl({ location, endpoint, publicBaseUrl }: Pick<GcsStoreConfig, 'location' | 'endpoint' | 'publicBaseUrl'>, url: URL): string | null {
  if (url.protocol === 'gs:') return url.hostname === location ? decodeKey(url.pathname) || null : null;
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return null;
  const below = publicBaseUrl === undefined ? null : keyBelow(publicBaseUrl, url);
  if (below !== null) return below;
  const emulator = endpoint === undefined ? null : new URL(endpoint).host;
  const isHost = (hosts: ReadonlySet<string>): boolean => (emulator === null ? hosts.has(url.host) : url.host === emulator);
  const [, bucket, name] = apiPath.exec(url.pathname) ?? [];
  if (bucket !== undefined && name !== undefined && isHost(apiHosts)) return decodeKey(bucket) === location ? decodeKey(name) : null;
  if (emulator === null && url.host === `${location}.storage.googleapis.com`) return decodeKey(url.pathname) || null;
  const folder = `/${location}/`;
  return isHost(pathHosts) && url.pathname.startsWith(folder) ? decodeKey(url.pathname.slice(folder.length)) || null : null;
}
