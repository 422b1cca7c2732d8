import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import { crc32 as crc32Of } from 'node:zlib';

import { SafelightError } from '../lib/errors.ts';
import type { Body, PutOptions } from './store.ts';

export type BodyLimits = Pick<PutOptions, 'bytes' | 'maxBytes' | 'sha256' | 'onProgress'>;
export type BodyMeasure = {
  /** Counts bytes; throws as soon as there are more than declared or allowed. */
  count(chunk: Buffer): void;
  /** Hashes counted bytes. Separate, so that a chunk can meanwhile be on its way to the disk or the network. */
  hash(chunk: Buffer): void;
  /** Returns the totals; throws when bytes are missing, or their digest differs from the given one. */
  finish(): { bytes: number; sha256: string; crc32: number };
};

/** The checks of `put` that no provider makes for us, made while the bytes pass. */
export function measureBody({ bytes: declared, maxBytes, sha256, onProgress }: BodyLimits): BodyMeasure {
  const hash = createHash('sha256');
  let bytes = 0;
  let crc32 = 0;
  return {
    count(chunk) {
      bytes += chunk.length;
      if (maxBytes !== undefined && bytes > maxBytes) {
        throw new SafelightError('file_too_large', `The file is larger than the ${maxBytes} bytes allowed.`);
      }
      if (declared !== undefined && bytes > declared) {
        throw new SafelightError('upload_incomplete', `More bytes came than the ${declared} that were declared. Send exactly the declared size.`);
      }
    },
    hash(chunk) {
      hash.update(chunk);
      crc32 = crc32Of(chunk, crc32);
      onProgress?.(bytes);
    },
    finish() {
      if (declared !== undefined && bytes < declared) {
        throw new SafelightError('upload_incomplete', `Only ${bytes} of the ${declared} declared bytes came. Send the file again.`);
      }
      const digest = hash.digest('hex');
      if (sha256 !== undefined && digest !== sha256.toLowerCase()) {
        throw new SafelightError('checksum_mismatch', 'The bytes that came do not have the declared SHA-256. Send the file again.', {
          context: { declared: sha256, actual: digest },
        });
      }
      return { bytes, sha256: digest, crc32 };
    },
  };
}

/**
 * The chunks of a body, measured. Ends when `signal` aborts, even while the source stalls. A stream can be read only once; bytes and functions can be
 * read again.
 */
export async function* measuredChunks(body: Body, measure: BodyMeasure, signal?: AbortSignal): AsyncGenerator<Buffer, void> {
  signal?.throwIfAborted();
  if (Buffer.isBuffer(body)) {
    measure.count(body);
    yield body;
    measure.hash(body);
    return;
  }
  const opened = typeof body === 'function';
  const source = opened ? body() : body;
  const stop = (): void => void source.destroy(abortError(signal));
  signal?.addEventListener('abort', stop, { once: true });
  try {
    for await (const chunk of chunksOf(source, opened)) {
      measure.count(chunk);
      yield chunk;
      measure.hash(chunk);
    }
    signal?.throwIfAborted();
  } finally {
    signal?.removeEventListener('abort', stop);
    if (opened) source.destroy();
  }
}

async function* chunksOf(source: Readable, destroyOnReturn: boolean): AsyncGenerator<Buffer, void> {
  try {
    for await (const chunk of source.iterator({ destroyOnReturn })) {
      yield Buffer.isBuffer(chunk) ? chunk : Buffer.from(chunk);
    }
  } catch (error) {
    // The source was closed early without a reason: the client disconnected.
    if (error instanceof Error && 'code' in error && error.code === 'ERR_STREAM_PREMATURE_CLOSE') {
      throw new SafelightError('upload_incomplete', 'The connection ended before the whole file came. Send it again.', { cause: error });
    }
    throw error;
  }
}

const abortError = (signal: AbortSignal | undefined): Error =>
  signal?.reason instanceof Error ? signal.reason : new DOMException('The operation was aborted.', 'AbortError');
