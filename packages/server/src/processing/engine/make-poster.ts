import type { DigitalSource } from '@safelight/contract/generation';

import type { RecordingContext } from '../recording-context.ts';
import type { ImageFacts, OutputRule } from '../image-rules.ts';
import type { MadeFile } from '../store-files.ts';

const poster = (role: string, maxSide: number): OutputRule => ({ role, maxSide, format: 'webp', quality: 80, effort: 2, animated: false });
const sizes = [poster('poster', 1280), poster('poster_small', 320)];

/** Turns a frame of a recording into a poster, through the same decoders as photos: the frame comes from an untrusted file too. */
export async function makePoster(ctx: RecordingContext, file: string, digitalSource: DigitalSource | null): Promise<{ facts: ImageFacts; files: MadeFile[] }> {
  const files: MadeFile[] = [];
  const { pixels, frames, totalPixels } = ctx.site.ceilings;
  const facts = await ctx.site.decoders.run(
    {
      sourcePath: file,
      limits: { acceptedTypes: ['image/*'], maxPixels: pixels, maxFrames: frames, maxTotalPixels: totalPixels },
      outputs: sizes,
      blur: true,
      dominantColour: true,
      ...(digitalSource === null ? {} : { digitalSource }),
    },
    {
      signal: ctx.signal,
      onOutput: async ({ role, mimeType, width, height, bytes }) => void files.push({ role, content: { bytes }, extension: 'webp', mimeType, width, height }),
    },
  );
  return { facts, files };
}
