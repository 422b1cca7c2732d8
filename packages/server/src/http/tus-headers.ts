import type { IncomingHttpHeaders } from 'node:http';

import { SafelightError } from '../lib/errors.ts';
import { isUuid } from '../lib/ids.ts';

export const tusVersion = '1.0.0';
const longestMetadata = 4096;

/** Parses a whole number of bytes, in digits only: `5abc`, `-1` and `1e3` are refused. */
export function parseWhole(value: string | string[] | undefined, name: string): number {
  const number = typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : Number.NaN;
  if (!Number.isSafeInteger(number))
    throw new SafelightError('invalid_request', `${name} is ${value === undefined ? 'missing' : `"${String(value)}"`}; wanted: a whole number of bytes.`, {
      errors: [{ field: name, message: 'a whole number' }],
    });
  return number;
}

/** "Key value pairs separated by commas; the key and value MUST be separated by a space, the value Base64 encoded. All keys MUST be unique." */
export function parseMetadata(header: string | null): Map<string, string> {
  const metadata = new Map<string, string>();
  if (header === null || header.trim() === '') return metadata;
  if (header.length > longestMetadata) throw new SafelightError('invalid_request', `Upload-Metadata is longer than ${longestMetadata} characters.`);
  for (const pair of header.split(',')) {
    const [key = '', value = '', ...rest] = pair.trim().split(' ');
    if (!/^[\x21-\x7e]+$/.test(key) || rest.length > 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(value))
      throw new SafelightError('invalid_request', 'Upload-Metadata is not well formed: pairs of a key and a Base64 value, separated by commas.');
    if (metadata.has(key)) throw new SafelightError('invalid_request', `Upload-Metadata names ${key} twice.`);
    metadata.set(key, Buffer.from(value, 'base64').toString('utf8'));
  }
  return metadata;
}

export function parseChecksum(header: string | string[] | undefined, algorithms: readonly string[]): { algorithm: string; digest: Buffer } | null {
  if (header === undefined) return null;
  const [algorithm = '', digest = ''] = String(header).split(' ');
  if (!algorithms.includes(algorithm)) throw new SafelightError('invalid_request', `Upload-Checksum knows ${algorithms.join(', ')}, not "${algorithm}".`);
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(digest))
    throw new SafelightError('invalid_request', 'Upload-Checksum is an algorithm and a Base64 digest, separated by a space.');
  return { algorithm, digest: Buffer.from(digest, 'base64') };
}

/** Parses `partial`, or `final;` followed by the uploads it consists of, as absolute or relative URLs separated by spaces. */
export function parseConcat(header: string | string[] | undefined): { type: 'partial' } | { type: 'final'; ids: string[] } | null {
  if (header === undefined) return null;
  const text = String(header).trim();
  if (text === 'partial') return { type: 'partial' };
  if (!text.startsWith('final;')) throw new SafelightError('invalid_request', 'Upload-Concat is "partial" or "final;" with the URLs of partial uploads.');
  const ids = text
    .slice('final;'.length)
    .split(' ')
    .filter(Boolean)
    .map((url) => url.split('/').at(-1) ?? '');
  if (ids.length === 0 || !ids.every(isUuid)) throw new SafelightError('invalid_request', 'Upload-Concat names something that is not an upload.');
  return { type: 'final', ids };
}

/** "The request MUST include one of: Upload-Length, or Upload-Defer-Length: 1." Never both. */
export function parseLength(headers: IncomingHttpHeaders): number | null {
  const deferred = headers['upload-defer-length'];
  const length = headers['upload-length'];
  if ((deferred === undefined) === (length === undefined)) throw new SafelightError('invalid_request', 'Send either Upload-Length or Upload-Defer-Length: 1.');
  if (deferred !== undefined && deferred !== '1') throw new SafelightError('invalid_request', 'Upload-Defer-Length has no other value than 1.');
  return length === undefined ? null : parseWhole(length, 'Upload-Length');
}
