import type { SharpOptions } from 'sharp';
import type { ImageHeader } from '../../filetypes/headers/image-header.ts';
import { boxes } from '../../filetypes/headers/iso-boxes.ts';
import { gifWithCanvas } from '../../filetypes/headers/read-gif-header.ts';
import { jpegWithEnd } from '../../filetypes/headers/read-jpeg-header.ts';
import { pngPictureOnly } from '../../filetypes/headers/read-png-header.ts';

/** The library's input and options, chosen so that it reads the file as browsers would. */
export type DecoderInput = { bytes: Buffer; options: SharpOptions };

export function decoderInput(bytes: Buffer, header: ImageHeader): DecoderInput {
  const options: SharpOptions = {
    // `error` refuses truncated files; `warning` would also refuse pictures that every browser shows.
    failOn: 'error',
    limitInputPixels: header.width * header.height,
    sequentialRead: true,
  };
  switch (header.codec) {
    case 'png':
      // Without text chunks that inflate to gigabytes.
      return { bytes: pngPictureOnly(bytes), options };
    case 'gif':
      return { bytes: gifWithCanvas(bytes, header), options };
    case 'jpeg': {
      const ended = jpegWithEnd(bytes, header.channels);
      // With an end marker added, truncation is only a warning.
      return ended === null ? { bytes, options } : { bytes: ended, options: { ...options, failOn: 'warning' } };
    }
    case 'av1':
    // The still picture beside the sequence, for its metadata.
    case 'av1-sequence':
      return { bytes: heifAsStill(bytes), options };
    default:
      return { bytes, options };
  }
}

/** Brands of moving pictures. A decoder of stills that sees one of these looks only for the track. */
const movingBrands = new Set(['avis', 'msf1']);

/** A moving file holds a still picture too, which libvips can read if the brands are those of a still and the track is hidden. */
function heifAsStill(bytes: Buffer): Buffer {
  const [type, moving] = ['ftyp', 'moov'].map((name) => boxes(bytes, 0, bytes.length).find((box) => box.type === name));
  const brandAt = type === undefined ? [] : Array.from({ length: Math.floor((type.end - type.start) / 4) }, (_, index) => type.start + 4 * index);
  // The version follows the main brand.
  const renamed = brandAt.filter((at, index) => index !== 1 && movingBrands.has(bytes.toString('latin1', at, at + 4)));
  if (renamed.length === 0 && moving === undefined) return bytes;
  const still = Buffer.from(bytes);
  for (const at of renamed) still.write(at === type?.start ? 'avif' : 'mif1', at, 'latin1');
  if (moving !== undefined) still.write('free', moving.nameAt, 'latin1');
  return still;
}
