import type { IncomingMessage } from 'node:http';
import { pipeline, type Readable, type Transform } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate, createInflateRaw } from 'node:zlib';
import { owned } from '../lib/owned.ts';

/** Bytes after the compressed data belong to nothing; all decoders refuse them, as the one for gzip does by itself. */
const strict = { rejectGarbageAfterEnd: true };

/**
 * The body before the server compressed it, which some do unasked. A body with an unknown encoding passes unchanged. If a body is not what its header
 * says, its reader gets an error for which `isBadlyEncoded` holds.
 */
export async function decodeBody(response: IncomingMessage): Promise<Readable> {
  const encodings = (response.headers['content-encoding'] ?? '')
    .toLowerCase()
    .split(',')
    .map((name) => name.trim());
  // All or nothing: below an unknown layer, nothing can be decoded either.
  const layers = encodings.filter((name) => name !== '' && name !== 'identity').reverse();
  if (layers.length > mostLayers || !layers.every((name) => known.has(name))) return response;
  let body: Readable = response;
  for (const layer of layers) body = await unpackOnce(body, layer);
  return body;
}

/** A server that compresses twice does so by mistake; one that does it more often is hostile. */
const mostLayers = 3;
const known: ReadonlySet<string> = new Set(['gzip', 'x-gzip', 'deflate', 'br']);

async function unpackOnce(packed: Readable, encoding: string): Promise<Readable> {
  if (encoding === 'br') return unpacked(packed, owned(createBrotliDecompress(strict)));
  if (encoding !== 'deflate') return unpacked(packed, owned(createGunzip(strict)));
  // Servers disagree whether `deflate` includes the two-byte zlib header.
  return unpacked(packed, (await hasZlibHeader(packed)) ? owned(createInflate(strict)) : owned(createInflateRaw(strict)));
}

/** True for a decoder's errors about the bytes, not for those of the connection. */
export const isBadlyEncoded = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' && /^(Z_|ERR__|ERR_BROTLI|ERR_TRAILING_JUNK)/.test(error.code);

/** An error of either stream ends the other, whether or not anybody is reading yet. */
const unpacked = (packed: Readable, decoder: Transform): Readable => pipeline(packed, decoder, () => undefined);

/** No raw deflate block begins with these four bits. */
async function hasZlibHeader(body: Readable): Promise<boolean> {
  for await (const chunk of body.iterator({ destroyOnReturn: false })) {
    const bytes = chunk as Buffer;
    body.unshift(bytes);
    return ((bytes[0] ?? 0) & 0x0f) === 8;
  }
  return true;
}
