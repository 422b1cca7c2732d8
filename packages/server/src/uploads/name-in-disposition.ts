/**
 * The file name in a `Content-Disposition` header as browsers read it, which is more than the standard allows: raw UTF-8, escaped quotes, encoded
 * words as in mail (RFC 2047), unasked percent-encoding; `filename*` (RFC 8187) wins over `filename`. Undefined when no name can be read. The header
 * is text as Node delivers it: one character for each byte.
 */
export function nameInDisposition(header: string): string | undefined {
  const parameters = parametersOf(header);
  const extended = parameters.get('filename*');
  const name = extended === undefined ? undefined : readExtended(extended);
  if (name !== undefined) return name;
  const plain = parameters.get('filename');
  return plain === undefined ? undefined : readPercents(readWords(readBytes(plain)));
}

/** When a parameter occurs twice, the first one counts. */
function parametersOf(header: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const [, name, quoted, bare] of header.matchAll(/(?:^|;)\s*([\w!#$&+.^`|~*-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"?|([^;]*))/gs)) {
    const key = name?.toLowerCase() ?? '';
    // Unescapes only quotes and backslashes: old servers send Windows paths with plain backslashes.
    if (!found.has(key)) found.set(key, quoted?.replace(/\\(["\\])/g, '$1') ?? bare?.trim() ?? '');
  }
  return found;
}

function readExtended(value: string): string | undefined {
  const [, charset = '', encoded = ''] = /^([\w-]+)'[^']*'(.*)$/s.exec(value) ?? [];
  if (/%(?![0-9a-f]{2})/i.test(encoded)) return undefined;
  return decodeAs(charset, bytesOfPercents(encoded));
}

/** Unencoded names are UTF-8 today and were Latin-1 before. */
const readBytes = (value: string): string => decodeAs('utf-8', Buffer.from(value, 'latin1')) ?? value;

const encodedWord = /=\?([\w-]+)\?([bq])\?([^? ]*)\?=/gi;

function readWords(value: string): string {
  return value.replace(/(=\?[\w-]+\?[bq]\?[^? ]*\?=)\s+(?==\?)/gi, '$1').replace(encodedWord, (word, charset: string, how: string, text: string) => {
    const bytes = how.toLowerCase() === 'b' ? Buffer.from(text, 'base64') : bytesOfPercents(text.replaceAll('_', ' ').replace(/=([0-9a-f]{2})/gi, '%$1'));
    return decodeAs(charset, bytes) ?? word;
  });
}

const readPercents = (value: string): string =>
  /%[0-9a-f]{2}/i.test(value) ? (decodeAs('utf-8', Buffer.concat(value.split(/((?:%[0-9a-f]{2})+)/i).map(bytesOfRun))) ?? value) : value;

const bytesOfRun = (run: string): Buffer => (run.startsWith('%') ? bytesOfPercents(run) : Buffer.from(run));

const bytesOfPercents = (text: string): Buffer =>
  Buffer.from(
    text.replace(/%([0-9a-f]{2})/gi, (_, digits: string) => String.fromCodePoint(Number.parseInt(digits, 16))),
    'latin1',
  );

function decodeAs(charset: string, bytes: Buffer): string | undefined {
  try {
    return new TextDecoder(charset, { fatal: true }).decode(bytes);
  } catch {
    // An unknown encoding, or bytes that are invalid in it.
    return undefined;
  }
}
