import { posix } from 'node:path';

import { readEntry, type Archive, type ReadPart } from './list-archive.ts';

const mostText = 4 * 2 ** 20;
const mostPicture = 64 * 2 ** 20;

/** The cover picture that an EPUB names, as bytes; null when the archive is not a book or has none. */
export async function findBookCover(read: ReadPart, archive: Archive): Promise<Buffer | null> {
  const named = (name: string) => archive.entries.find((entry) => entry.name === name);
  const text = async (name: string): Promise<string | null> => (await readEntry(read, named(name), mostText))?.toString('utf8') ?? null;
  if ((await text('mimetype'))?.trim() !== 'application/epub+zip') return null;
  const packagePath = attributeOf(elements((await text('META-INF/container.xml')) ?? '', 'rootfile')[0] ?? '', 'full-path');
  const book = packagePath === null ? null : await text(packagePath);
  if (packagePath === null || book === null) return null;
  const items = elements(book, 'item');
  const oldId = elements(book, 'meta').find((meta) => attributeOf(meta, 'name') === 'cover');
  const cover =
    items.find((item) => /(?:^|\s)cover-image(?:\s|$)/.test(attributeOf(item, 'properties') ?? '')) ??
    items.find((item) => oldId !== undefined && attributeOf(item, 'id') === attributeOf(oldId, 'content'));
  const href = cover === undefined ? null : attributeOf(cover, 'href');
  if (href === null) return null;
  return await readEntry(read, named(posix.join(posix.dirname(packagePath), unescaped(href))), mostPicture);
}

/** Start tags with this local name, in any namespace. Only references to names within the EPUB are followed. */
const elements = (xml: string, name: string): string[] => xml.match(new RegExp(`<(?:[\\w-]+:)?${name}\\b[^<>]*>`, 'g')) ?? [];
const attributeOf = (tag: string, name: string): string | null =>
  new RegExp(`\\s${name}\\s*=\\s*(?:"([^"]*)"|'([^']*)')`).exec(tag)?.slice(1).find(Boolean) ?? null;

function unescaped(href: string): string {
  const plain = href.replaceAll('&amp;', '&');
  try {
    return decodeURIComponent(plain);
  } catch {
    return plain;
  }
}
