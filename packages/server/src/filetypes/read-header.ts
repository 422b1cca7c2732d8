import { SafelightError } from '../lib/errors.ts';
import { sniffBytes, sniffType } from './sniff.ts';
import { corruptMedia } from './corrupt-media.ts';
import { readGifHeader } from './headers/read-gif-header.ts';
import { readHeifHeader } from './headers/read-heif-header.ts';
import type { ImageHeader } from './headers/image-header.ts';
import { readJpegHeader } from './headers/read-jpeg-header.ts';
import { readPngHeader } from './headers/read-png-header.ts';
import { readTiffHeader } from './headers/read-tiff-header.ts';
import { readWebpHeader } from './headers/read-webp-header.ts';

/** The picture types that can be decoded, if the machine has the codecs. SVG is drawn rather than decoded, and its renderer tells its size. */
export const decodableTypes: ReadonlySet<string> = new Set([
  'image/jpeg',
  'image/png',
  'image/gif',
  'image/webp',
  'image/avif',
  'image/heic',
  'image/heif',
  'image/tiff',
  'image/svg+xml',
]);

/**
 * Reads a picture's header from its bytes alone, without decoding a pixel and without a decoder library: a few microseconds to a few milliseconds,
 * linear in the file's size, whatever it claims to be. Throws `empty_file`, `unsupported_type`, `unsupported_codec` or `corrupt_media`.
 */
export function readHeader(bytes: Buffer): ImageHeader {
  if (bytes.length === 0) throw new SafelightError('empty_file', 'The file has no bytes. Choose it again and send it once more.');
  const type = sniffType(bytes.subarray(0, sniffBytes));
  try {
    switch (type?.mime) {
      case 'image/jpeg':
        return readJpegHeader(bytes);
      case 'image/png':
        return readPngHeader(bytes);
      case 'image/gif':
        return readGifHeader(bytes);
      case 'image/webp':
        return readWebpHeader(bytes);
      case 'image/avif':
      case 'image/heic':
      case 'image/heif':
        return readHeifHeader(bytes, type.mime);
      case 'image/tiff':
        return readTiffHeader(bytes);
      default:
        throw new SafelightError(
          'unsupported_type',
          `${type === null ? 'The type of this file is not known here' : `This is ${type.name} (${type.mime})`}; it cannot be read as a picture. Send JPEG, PNG, WebP, GIF, AVIF, HEIC or TIFF.`,
        );
    }
  } catch (cause) {
    // A length that points past the end of the file means damage, not a fault of ours.
    if (cause instanceof RangeError) throw corruptMedia('it ends in the middle of its header', cause);
    throw cause;
  }
}
