/** Types that a browser shows without running anything in them. All others are only ever downloaded. */
const inlineTypes = new Set([
  'image/jpeg',
  'image/png',
  'image/webp',
  'image/gif',
  'image/avif',
  'video/mp4',
  'video/webm',
  'audio/mpeg',
  'audio/mp4',
  'audio/ogg',
  'audio/wav',
  'audio/flac',
  // Captions: players read them, and nothing in them runs.
  'text/vtt',
]);

export const isInlineType = (mimeType: string): boolean => inlineTypes.has(mimeType);

/**
 * The header value for an arbitrary file name (RFC 6266, RFC 8187): an ASCII name that every parser accepts, and the full name percent-encoded. No
 * character of it can end the header or reverse how the name reads.
 */
export function contentDisposition(disposition: 'inline' | 'attachment', fileName: string): string {
  const name = plainName(fileName);
  const ascii = name
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '')
    .replace(/[^\x20-\x7e]/g, '_')
    .replace(/["\\%/]/g, '_');
  const encoded = encodedName(fileName);
  return ascii === name ? `${disposition}; filename="${ascii}"` : `${disposition}; filename="${ascii}"; filename*=UTF-8''${encoded}`;
}

const plainName = (fileName: string): string =>
  fileName.replace(/[\p{Cc}\p{Cs}\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, '').replace(/[/\\]/g, '_') || 'file';

/** The whole name in the encoding of RFC 8187, which is valid both in a header and in an address. */
export const encodedName = (fileName: string): string =>
  encodeURIComponent(plainName(fileName)).replace(/['()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
