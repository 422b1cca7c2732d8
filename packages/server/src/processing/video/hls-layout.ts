import { z } from 'zod';

const part = z.object({ offset: z.int(), length: z.int() });

/** Where the parts of a rung lie in its one file, and what players have to know about them. */
export const hlsLayoutSchema = z.object({
  codecs: z.string(),
  frameRate: z.number().nullable(),
  /** Bits per second: of the heaviest part, and on average. */
  peakBitrate: z.int(),
  averageBitrate: z.int(),
  init: part,
  segments: z.array(part.extend({ seconds: z.number() })),
});
export type HlsLayout = z.infer<typeof hlsLayoutSchema>;
