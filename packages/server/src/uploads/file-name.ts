const longest = 255;

/**
 * The name a person gave, safe to keep and show: the last path segment, without control and direction-changing characters, never
 * empty. It stays what the person wrote otherwise; keys and headers make their own of it.
 */
export function cleanFileName(name: string): string {
  const last = name.replaceAll('\\', '/').split('/').at(-1) ?? '';
  const plain = last
    .normalize('NFC')
    // Controls, line separators, and the marks that make `exe.jpg` read as `gpj.exe`.
    .replace(/[\p{Cc}\p{Cs}\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/gu, '')
    .trim();
  if (plain === '' || plain === '.' || plain === '..') return 'file';
  if (plain.length <= longest) return plain;
  const dot = plain.lastIndexOf('.');
  const extension = dot > 0 && plain.length - dot <= 12 ? plain.slice(dot) : '';
  return plain.slice(0, longest - extension.length) + extension;
}
