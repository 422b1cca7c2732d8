import type { ImageHeader } from '../../filetypes/headers/image-header.ts';
import { avifEffort, webpEffort } from './encode.ts';
import type { OutputStep } from './plan-outputs.ts';

/** CPU-seconds per million pixels of one frame, by coding; measured on a core of 2.8 GHz and rounded up. */
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
    case 'av1-sequence':
      return (header.hasAlpha ? 2 : 1) * (header.depth > 8 ? 0.05 : 0.03);
    case 'hevc':
      return 0.06;
    case 'svg':
      return 0.1;
    case 'pdf':
      return 0.3;
    default:
      return header.codec satisfies never;
  }
}

/** The same for encoding. Only AV1's effort changes the order of magnitude. */
function secondsToEncode({ format, rule }: OutputStep): number {
  switch (format) {
    case 'jpeg':
      return 0.01;
    case 'webp':
      return webpEffort(rule) > 2 ? 0.1 : 0.05;
    case 'png':
      return 0.05;
    case 'gif':
      return 0.35;
    case 'avif':
      return avifEffort(rule) > 2 ? 4 : 0.5;
    default:
      return format satisfies never;
  }
}

/** CPU-seconds of each step, from the header alone. An animated output has a decode of its own, and GIF's quantiser is the slowest step. */
export function expectedWork(header: ImageHeader, plan: readonly OutputStep[]): { decode: number; outputs: number[] } {
  const decode = ((header.width * header.height) / 1e6) * secondsToDecode(header);
  return {
    decode,
    outputs: plan.map((step) => {
      const { area, isAnimated } = step;
      const frames = isAnimated ? header.decodableFrames : 1;
      return ((area.width * area.height) / 1e6) * secondsToEncode(step) * frames + (isAnimated ? decode * frames : 0);
    }),
  };
}

/** The total time for a picture: precise enough to tell slow pictures from others. */
export function expectedSeconds(header: ImageHeader, plan: readonly OutputStep[]): number {
  const { decode, outputs } = expectedWork(header, plan);
  return outputs.reduce((sum, seconds) => sum + seconds, decode);
}
