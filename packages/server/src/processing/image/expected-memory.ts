import type { ImageHeader } from '../../filetypes/headers/image-header.ts';

const megabyte = 1 << 20;

/** What a decode adds to its process for each pixel of the picture, by coding; measured at 24 megapixels and rounded up. */
function bytesPerPixel(header: ImageHeader): number {
  const sampleBytes = header.depth > 8 ? 2 : 1;
  const pixelBytes = Math.max(3, header.channels) * sampleBytes;
  switch (header.codec) {
    case 'jpeg':
      // Line by line; a progressive file holds every coefficient, two bytes each, until its last pass.
      return header.interlaced ? 2 * pixelBytes : 0.5;
    case 'png':
      return header.interlaced ? pixelBytes : 1;
    case 'webp':
      return 6;
    case 'gif':
      return 5;
    case 'tiff':
      // Nothing stops a file from being one single strip.
      return pixelBytes;
    case 'av1':
      return sampleBytes === 2 ? 24 : 18;
    case 'hevc':
      return 10;
    case 'svg':
      // Drawn on one surface, and filters on surfaces of their own.
      return 12;
    case 'pdf':
      return 8;
    default:
      return header.codec satisfies never;
  }
}

/**
 * Pixels that are in memory beside the output's own where a picture is reduced in height first (decode-picture.ts does so below a factor
 * of four); the picture keeps its proportions, so the one between lies in the middle.
 */
function pixelsBetween(pixels: number, outputPixels: number): number {
  return pixels < outputPixels * 4 ** 2 ? Math.sqrt(pixels * outputPixels) - outputPixels : 0;
}

/**
 * Bytes of memory to set aside before a picture is decoded: what its decoder holds, the file, and the largest output's pixels as
 * the library hands them over, where they are encoded, and beside them what is resized from them.
 */
export function expectedMemory(header: ImageHeader, sourceBytes: number, largestOutputPixels: number, keepsAnimation: boolean): number {
  const pixels = header.width * header.height;
  const animation = keepsAnimation ? pixels * header.decodableFrames * 4 : 0;
  const outputs = largestOutputPixels * 12 + pixelsBetween(pixels, largestOutputPixels) * 3;
  // PDFium itself, its fonts, and its copy of the document.
  const engine = header.codec === 'pdf' ? 150 * megabyte + sourceBytes : 0;
  return Math.round(16 * megabyte + engine + sourceBytes * 2 + pixels * bytesPerPixel(header) + animation + outputs);
}
