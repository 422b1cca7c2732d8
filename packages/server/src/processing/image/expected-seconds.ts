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

/** CPU-seconds of each step, from the header alone. An output that moves has a decode of its own, and GIF's quantiser is slower than anything else. */
export function expectedWork(header: ImageHeader, plan: readonly OutputStep[]): { decode: number; outputs: number[] } {
  const decode = ((header.width * header.height) / 1e6) * secondsToDecode(header);
  return {
    decode,
    outputs: plan.map(({ area, format, isAnimated }) => {
      const frames = isAnimated ? header.decodableFrames : 1;
      return ((area.width * area.height) / 1e6) * secondsToEncode[format] * frames + (isAnimated ? decode * frames : 0);
    }),
  };
}

/** What a picture will take in all: enough to tell what keeps a decoder busy for long from what does not. */
export function expectedSeconds(header: ImageHeader, plan: readonly OutputStep[]): number {
  const { decode, outputs } = expectedWork(header, plan);
  return outputs.reduce((sum, seconds) => sum + seconds, decode);
}
