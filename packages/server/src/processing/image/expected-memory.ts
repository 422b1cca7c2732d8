import type { ImageHeader } from './headers/image-header.ts';

const megabyte = 1 << 20;

/** What a decode of one picture adds to the decoder's resident memory, measured for each coding and rounded up. */
function bytesPerPixel(header: ImageHeader): number {
  const sampleBytes = header.depth > 8 ? 2 : 1;
  switch (header.codec) {
    case 'jpeg':
      // Line by line; a progressive file holds every coefficient until its last pass.
      return header.interlaced ? 2.2 * header.channels : 1.5;
    case 'png':
      return header.interlaced ? 2 * Math.max(3, header.channels) * sampleBytes : 1.5;
    case 'webp':
      return 5;
    case 'gif':
      return 9;
    case 'tiff':
      return 4 * header.channels * sampleBytes;
    case 'av1':
      return 20;
    case 'hevc':
      return 16;
    default:
      return header.codec satisfies never;
  }
}

/**
 * Bytes of memory to set aside before a picture is decoded: what its decoder holds, an upright copy where it must be turned, the
 * file itself, and the largest output's pixels twice (one being encoded, the next being resized).
 */
export function expectedMemory(header: ImageHeader, sourceBytes: number, largestOutputPixels: number, keepsAnimation: boolean): number {
  const pixels = header.width * header.height;
  const upright = header.orientation === 1 || header.codec === 'hevc' ? 0 : pixels * 4;
  const animation = keepsAnimation ? pixels * header.decodableFrames * 4 : 0;
  return Math.round(24 * megabyte + sourceBytes * 2 + pixels * bytesPerPixel(header) + upright + animation + largestOutputPixels * 12);
}
