import { z } from 'zod';

const part = z.object({ offset: z.int(), length: z.int() });

/** Where in the one file of a rung its parts lie, and what players have to know of it. */
export const hlsLayoutSchema = z.object({
  codecs: z.string(),
  frameRate: z.number().nullable(),
  /** Bits a second: of the heaviest part, and on the average. */
  peakBitrate: z.int(),
  averageBitrate: z.int(),
  init: part,
  segments: z.array(part.extend({ seconds: z.number() })),
});
export type HlsLayout = z.infer<typeof hlsLayoutSchema>;
