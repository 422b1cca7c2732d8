import type { OutputFormat } from './encode.ts';
import type { ImageHeader } from './headers/image-header.ts';
import type { OutputStep } from './plan-outputs.ts';

/** CPU-seconds for each million pixels of one frame, by coding; measured on a core of 2.8 GHz and rounded up. */
function secondsToDecode(header: ImageHeader): number {
  switch (header.codec) {
    case 'jpeg':
      return header.interlaced ? 0.02 + 0.004 * header.scans : 0.006;
    case 'png':
      return (header.interlaced ? 0.04 : 0.02) * (header.depth > 8 ? 1.5 : 1);
    case 'webp':
      return 0.03;
    case 'gif':
      return 0.01;
    case 'tiff':
      return 0.02;
    case 'av1':
      return header.depth > 8 ? 0.1 : 0.06;
    case 'hevc':
      return 0.06;
    default:
      return header.codec satisfies never;
  }
}

const secondsToEncode: Readonly<Record<OutputFormat, number>> = { jpeg: 0.01, webp: 0.05, png: 0.05, avif: 0.4, gif: 0.35 };

/**
 * CPU-seconds that a picture will take, from its header alone: enough to tell what keeps a decoder busy for long from what does not.
 * Animations are decoded once for each output that moves, and the quantiser of GIF is slower than anything else.
 */
export function expectedSeconds(header: ImageHeader, plan: readonly OutputStep[]): number {
  const megapixels = (header.width * header.height) / 1e6;
  const moving = plan.filter(({ isAnimated }) => isAnimated).length;
  const decoding = megapixels * secondsToDecode(header) * (1 + moving * header.decodableFrames);
  const encoding = plan.reduce(
    (sum, { area, format, isAnimated }) => sum + ((area.width * area.height) / 1e6) * secondsToEncode[format] * (isAnimated ? header.decodableFrames : 1),
    0,
  );
  return decoding + encoding;
}
