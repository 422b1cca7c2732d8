import type { ImageHeader } from '../../filetypes/headers/image-header.ts';

const megabyte = 1 << 20;

/** The memory that a decode adds per pixel, by coding; measured at 24 megapixels and rounded up. */
function bytesPerPixel(header: ImageHeader): number {
  const sampleBytes = header.depth > 8 ? 2 : 1;
  const pixelBytes = Math.max(3, header.channels) * sampleBytes;
  switch (header.codec) {
    case 'jpeg':
      // Decoded line by line; a progressive file holds every coefficient, two bytes each, until its last pass.
      return header.interlaced ? 2 * pixelBytes : 0.5;
    case 'png':
      return header.interlaced ? pixelBytes : 1;
    case 'webp':
      return 6;
    case 'gif':
      return 5;
    case 'tiff':
      // The whole file may be a single strip.
      return pixelBytes;
    case 'av1':
      return sampleBytes === 2 ? 24 : 18;
    case 'av1-sequence':
      // Up to ten frames, from which others are predicted, and the vectors of the motion between them; transparency has a decoder of its own.
      return (header.hasAlpha ? 2 : 1) * (sampleBytes === 2 ? 64 : 40);
    case 'hevc':
      return 10;
    case 'svg':
      // Drawn on one surface; filters use surfaces of their own.
      return 12;
    case 'pdf':
      return 8;
    default:
      return header.codec satisfies never;
  }
}

/**
 * Pixels that are in memory besides the output's own when the height is reduced first (decode-picture.ts does so below a factor of four). The picture
 * keeps its proportions, so the intermediate size is the geometric mean.
 */
function pixelsBetween(pixels: number, outputPixels: number): number {
  return pixels < outputPixels * 4 ** 2 ? Math.sqrt(pixels * outputPixels) - outputPixels : 0;
}

/**
 * The memory to reserve before a picture is decoded: the decoder's own, the file, and the largest output's pixels (as the library returns them, while
 * they are encoded, and the next smaller size made from them).
 */
export function expectedMemory(header: ImageHeader, sourceBytes: number, largestOutputPixels: number, keepsAnimation: boolean): number {
  const pixels = header.width * header.height;
  const animation = keepsAnimation ? pixels * header.decodableFrames * 4 : 0;
  const outputs = largestOutputPixels * 12 + pixelsBetween(pixels, largestOutputPixels) * 3;
  // PDFium itself, its fonts, and its copy of the document.
  const engine = header.codec === 'pdf' ? 150 * megabyte + sourceBytes : 0;
  return Math.round(16 * megabyte + engine + sourceBytes * 2 + pixels * bytesPerPixel(header) + animation + outputs);
}
