import { decodeKey, keyBelow } from '../encode-key.ts';
import type { S3StoreConfig } from './s3-store-config.ts';

/** AWS's own host names: regional, legacy global, dashed, dual-stack, accelerated, website; with or without the bucket in front. */
const awsHost =
  /^(?:(?<bucket>.+)\.)?(?:s3|s3-accelerate|s3-fips|s3-website)(?:[.-](?:dualstack|fips))?(?:[.-](?<region>[a-z0-9-]+))?\.amazonaws\.com(?:\.cn)?$/;

/**
 * The key of the object that a URL names in this store, in any style: path, virtual host, CDN, signed. Null for every other URL. Query strings
 * (signatures, versions) do not change which object it is.
 */
export function parseS3Url({ location, endpoint, publicBaseUrl }: S3StoreConfig, url: URL): string | null {
  if (url.protocol === 's3:') return url.hostname === location ? decodeKey(url.pathname) || null : null;
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return null;
  const below = publicBaseUrl === undefined ? null : keyBelow(publicBaseUrl, url);
  if (below !== null) return below;
  if (endpoint === undefined) {
    const match = awsHost.exec(url.hostname);
    if (match === null) return null;
    const bucket = match.groups?.['bucket'];
    return bucket === undefined ? afterBucket(url.pathname, location) : bucket === location ? decodeKey(url.pathname) || null : null;
  }
  const { protocol, host, pathname } = new URL(endpoint);
  if (url.protocol !== protocol) return null;
  if (url.host === `${location}.${host}`) return decodeKey(url.pathname) || null;
  if (url.host !== host) return null;
  const folder = pathname.replace(/\/$/, '');
  return url.pathname.startsWith(`${folder}/`) ? afterBucket(url.pathname.slice(folder.length), location) : null;
}

function afterBucket(pathname: string, location: string): string | null {
  const folder = `/${encodeURIComponent(location)}/`;
  return pathname.startsWith(folder) ? decodeKey(pathname.slice(folder.length)) || null : null;
}
