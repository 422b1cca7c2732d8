const longest = 255;

/**
 * The file name that a person gave, made safe to keep and show: the last path segment, without control and direction-changing characters, never
 * empty. Otherwise it stays as written; keys and headers encode it in their own ways.
 */
export function cleanFileName(name: string): string {
  const last = name.replaceAll('\\', '/').split('/').at(-1) ?? '';
  const plain = last
    .normalize('NFC')
    // Controls, line separators, and the direction marks that make `exe.jpg` read as `gpj.exe`.
    .replace(/[\p{Cc}\p{Cs}\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/gu, '')
    .trim();
  if (plain === '' || plain === '.' || plain === '..') return 'file';
  if (plain.length <= longest) return plain;
  const dot = plain.lastIndexOf('.');
  const extension = dot > 0 && plain.length - dot <= 12 ? plain.slice(dot) : '';
  return wholeCharacters(plain.slice(0, plain.length - extension.length), longest - extension.length) + extension;
}

const characters = new Intl.Segmenter('und', { granularity: 'grapheme' });

/** As many whole graphemes as fit into this many units: half of a family emoji is another emoji, or none. */
function wholeCharacters(text: string, most: number): string {
  let end = 0;
  for (const { index, segment } of characters.segment(text.slice(0, most * 2))) {
    if (index + segment.length > most) break;
    end = index + segment.length;
  }
  return end === 0 ? text.slice(0, most).toWellFormed() : text.slice(0, end);
}
