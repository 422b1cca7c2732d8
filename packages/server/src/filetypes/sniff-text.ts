/** Tags by which browsers recognise HTML (the WHATWG sniffing standard), so that nothing they would run passes as text. */
const html = /^(<!doctype html|<(html|head|script|iframe|h1|div|font|table|a|style|title|b|body|br|p|img|form|object|embed|link|meta|base)[\s>/])/i;

/** Recognises the few text formats that something would run or follow; every other text is plain. Null when it is not text. */
export function sniffText(bytes: Buffer): string | null {
  const text = beginningOf(bytes);
  const start = text.trimStart();
  if (start.startsWith('#EXTM3U')) return 'application/vnd.apple.mpegurl';
  if (/^(\s|#[^\n]*\n)*ffconcat version/.test(text)) return 'text/x-ffconcat';
  if (/^push\s+graphic-context/.test(start)) return 'image/x-mvg';
  if (/^<\?php\b/i.test(start)) return 'application/x-httpd-php';
  if (start.startsWith('#!')) return 'text/x-shellscript';
  return sniffMarkup(start) ?? (isText(bytes) ? 'text/plain' : null);
}

/** Skips what may precede the root element: declaration, comments, a DOCTYPE with its own subset. */
function sniffMarkup(start: string): string | null {
  let rest = start;
  const isXml = /^<\?xml[\s?]/i.test(rest);
  for (;;) {
    const prolog = /^(<\?(?!php)[^>]*>|<!--[^]*?-->|<!doctype\s+(?!html)[^[>]*(\[[^\]]*\]\s*)?>)\s*/i.exec(rest);
    if (prolog === null) break;
    rest = rest.slice(prolog[0].length);
  }
  if (/^<([\w-]+:)?svg[\s>/]/i.test(rest)) return 'image/svg+xml';
  if (/^<([\w-]+:)?MPD[\s>/]/.test(rest)) return 'application/dash+xml';
  if (html.test(rest)) return 'text/html';
  // An entity subset can contain `]`, which the pattern above takes for its end; then the name of the DOCTYPE decides.
  if (/^<!doctype\s+svg\b/i.test(rest)) return 'image/svg+xml';
  return isXml ? 'text/xml' : null;
}

const decodedBytes = 4096;

/** Whether they begin like UTF-16. */
const isWide = (bytes: Buffer): boolean => (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff);

/** The text until the first zero character: HTML is recognised by its first tag, so what follows hides nothing that stands before it. */
function beginningOf(bytes: Buffer): string {
  if (isWide(bytes)) return decodeWide(bytes).split('\0', 1)[0] ?? '';
  const begin = bytes.subarray(0, decodedBytes);
  // In UTF-8 nothing else has a zero byte, and binary files have one soon: what comes after it need not be decoded, which is dear for random bytes.
  const zero = begin.indexOf(0);
  return begin.toString('utf8', 0, zero === -1 ? begin.length : zero).replace(/^\ufeff/, '');
}

const decodeWide = (bytes: Buffer): string => (bytes[0] === 0xff ? bytes.subarray(2, decodedBytes).toString('utf16le') : swap(bytes.subarray(2, decodedBytes)));

const swap = (bytes: Buffer): string =>
  Buffer.from(bytes.subarray(0, bytes.length & ~1))
    .swap16()
    .toString('utf16le');

/** Tab, line and page breaks, and the escape of terminal colours; from DEL on, bytes may be letters of an old encoding. */
const typed = new Set([0x09, 0x0a, 0x0b, 0x0c, 0x0d, 0x1b]);

/** Whether bytes are text, in whatever encoding: they hold no control character that nobody types. */
export function isText(bytes: Buffer): boolean {
  if (isWide(bytes)) return hasOnlyTyped(Buffer.from(decodeWide(bytes), 'utf8'));
  // In UTF-8 and all older encodings a byte below 0x20 is that control character, so what is binary shows by its first bytes, undecoded.
  return hasOnlyTyped(bytes.subarray(bytes.toString('latin1', 0, 3) === '\xef\xbb\xbf' ? 3 : 0, decodedBytes));
}

function hasOnlyTyped(bytes: Buffer): boolean {
  if (bytes.length === 0) return false;
  for (const byte of bytes) if (byte < 0x20 && !typed.has(byte)) return false;
  return true;
}
