import type { IncomingMessage } from 'node:http';
import { pipeline, type Readable, type Transform } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate, createInflateRaw } from 'node:zlib';
import { owned } from '../lib/owned.ts';

/** What stands behind the packed bytes belongs to nothing; all decoders refuse it, as the one for gzip does by itself. */
const strict = { rejectGarbageAfterEnd: true };

/**
 * The body as it was before the server packed it, which some do unasked. An encoding that is not known here is passed through as it is.
 * A body that is not what it says it is fails its reader with an error for which `isBadlyEncoded` holds.
 */
export async function decodeBody(response: IncomingMessage): Promise<Readable> {
  const encodings = (response.headers['content-encoding'] ?? '')
    .toLowerCase()
    .split(',')
    .map((name) => name.trim());
  // Only as a whole: with one layer that is not known, what lies below it cannot be read either.
  const layers = encodings.filter((name) => name !== '' && name !== 'identity').reverse();
  if (layers.length > mostLayers || !layers.every((name) => known.has(name))) return response;
  let body: Readable = response;
  for (const layer of layers) body = await unpackOnce(body, layer);
  return body;
}

/** A server that packs twice does so by mistake; one that packs more often wants something else. */
const mostLayers = 3;
const known: ReadonlySet<string> = new Set(['gzip', 'x-gzip', 'deflate', 'br']);

async function unpackOnce(packed: Readable, encoding: string): Promise<Readable> {
  if (encoding === 'br') return unpacked(packed, owned(createBrotliDecompress(strict)));
  if (encoding !== 'deflate') return unpacked(packed, owned(createGunzip(strict)));
  // Servers have never agreed whether the format has its two bytes of header.
  return unpacked(packed, (await hasZlibHeader(packed)) ? owned(createInflate(strict)) : owned(createInflateRaw(strict)));
}

/** True for what a decoder says of bytes, and not of the connection that they came over. */
export const isBadlyEncoded = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' && /^(Z_|ERR__|ERR_BROTLI|ERR_TRAILING_JUNK)/.test(error.code);

/** An error of either stream ends the other, whether or not anybody is reading yet. */
const unpacked = (packed: Readable, decoder: Transform): Readable => pipeline(packed, decoder, () => undefined);

/** No block of raw deflate begins with these four bits. */
async function hasZlibHeader(body: Readable): Promise<boolean> {
  for await (const chunk of body.iterator({ destroyOnReturn: false })) {
    const bytes = chunk as Buffer;
    body.unshift(bytes);
    return ((bytes[0] ?? 0) & 0x0f) === 8;
  }
  return true;
}
