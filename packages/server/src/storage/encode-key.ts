/** A key as the path of a URL. Stricter than `encodeURIComponent`: it also encodes characters that signatures and XML gateways treat differently. */
export const encodeKey = (key: string): string =>
  key
    .split('/')
    .map((name) => encodeURIComponent(name).replace(/[!'()*]/g, (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`))
    .join('/');

/** The key that a URL's path names, or null when its percent-encoding is invalid. `+` means plus: paths are not forms. */
export function decodeKey(path: string): string | null {
  try {
    return decodeURIComponent(path.replace(/^\//, ''));
  } catch {
    return null;
  }
}

/** The key below a base address (a CDN, a public bucket), or null when the URL lies elsewhere. */
export function keyBelow(base: string, url: URL): string | null {
  const { origin, pathname } = new URL(base);
  const folder = pathname.endsWith('/') ? pathname : `${pathname}/`;
  if (url.origin !== origin || !url.pathname.startsWith(folder)) return null;
  return decodeKey(url.pathname.slice(folder.length)) || null;
}
