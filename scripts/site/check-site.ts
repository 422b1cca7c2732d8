import { existsSync, globSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** The errors of a built site: broken links to pages or headings, and anything that is loaded from another host. */
export function checkSite(folder: string): { pages: number; faults: string[] } {
  const pages = new Map(globSync('**/*.html', { cwd: folder }).map((page) => [page, readFileSync(path.join(folder, page), 'utf8')]));
  const ids = new Map([...pages].map(([page, html]) => [page, new Set([...html.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id))]));
  const faults = [...pages].flatMap(([page, html]) => [
    ...[...html.matchAll(/<(?:img|script|link|source|iframe)\b[^>]*?\b(?:src|href)="((?:https?:)?\/\/[^"]+)"/g)].map(([, url]) => `${page} loads ${url}`),
    ...[...html.matchAll(/<(?:a|img)\b[^>]*?\b(?:src|href)="([^"]+)"/g)].flatMap(([, href = '']) => deadLink({ page, href, folder, ids })),
  ]);
  return { pages: pages.size, faults: [...new Set(faults)] };
}

type Link = { page: string; href: string; folder: string; ids: ReadonlyMap<string, ReadonlySet<string | undefined>> };

function deadLink({ page, href, folder, ids }: Link): string[] {
  const { origin, pathname, hash } = new URL(href.replaceAll('&amp;', '&'), `http://site.invalid/${page}`);
  if (origin !== 'http://site.invalid') return [];
  const file = decodeURI(pathname)
    .replace(/^\//, '')
    .replace(/(^|\/)$/, '$1index.html');
  const known = ids.get(file) ?? ids.get(`${file}.html`);
  if (known === undefined) return existsSync(path.join(folder, file)) ? [] : [`${page} links to ${href}, which is not there`];
  return hash === '' || known.has(decodeURIComponent(hash.slice(1))) ? [] : [`${page} links to ${href}, a heading that is not there`];
}
