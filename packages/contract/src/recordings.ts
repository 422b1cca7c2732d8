import { z } from 'zod';

export const videoFactsSchema = z
  .object({
    codec: z.string(),
    profile: z.string().nullable(),
    width: z.int().meta({ description: 'Pixels, upright.' }),
    height: z.int(),
    fps: z.number().meta({ description: 'Frames a second, on the average.' }),
    vfr: z.boolean().meta({ description: 'Whether the time between frames varies.' }),
    rotation: z.int().meta({ description: 'Clockwise in degrees, as the header says; what is made of it stands upright.' }),
    hdr: z.enum(['none', 'hlg', 'pq', 'dv']),
    bitrate: z.int(),
  })
  .meta({ id: 'VideoFacts', description: 'The picture of a recording, as its packets tell it.' });
export type VideoFacts = z.infer<typeof videoFactsSchema>;

export const audioFactsSchema = z
  .object({
    codec: z.string(),
    channels: z.int(),
    sampleRate: z.int(),
    bitrate: z.int(),
    loudness: z
      .object({ integrated: z.number(), truePeak: z.number(), range: z.number() })
      .nullable()
      .meta({ description: 'EBU R 128: LUFS, dBFS, LU. Null for silence, and where it was not measured.' }),
  })
  .meta({ id: 'AudioFacts', description: 'The sound of a recording.' });
export type AudioFacts = z.infer<typeof audioFactsSchema>;

export const processingFactsSchema = z
  .object({
    mode: z
      .enum(['remux', 'encode', 'none'])
      .meta({ description: 'Whether the picture’s bytes stayed. `none`: there is no picture, or no stream of it was made.' }),
    audio: z.enum(['copy', 'encode', 'none']),
    reencodeReasons: z.array(z.string()).meta({ description: 'Why the picture’s bytes could not stay.' }),
    engine: z.string(),
    sandbox: z.string(),
    cpuMs: z.int(),
  })
  .meta({ id: 'ProcessingFacts', description: 'How what is shown of a recording was made.' });
export type ProcessingFacts = z.infer<typeof processingFactsSchema>;

export const storyboardSchema = z
  .object({
    src: z.string().meta({ description: 'One JPEG of ten rows of ten small pictures.' }),
    vttSrc: z.string().meta({ description: 'WebVTT that says which of them stands for which time, as players take it.' }),
    intervalMs: z.int().meta({ description: 'For how long each of them stands.' }),
    count: z.int().meta({ description: 'How many of the hundred are filled.' }),
  })
  .meta({ id: 'Storyboard', description: 'Small pictures from the whole of a video, to find a moment by.' });
export type Storyboard = z.infer<typeof storyboardSchema>;

export const captionsSchema = z
  .object({ language: z.string(), label: z.string().nullable(), src: z.string().meta({ description: 'WebVTT.' }) })
  .meta({ id: 'Captions', description: 'What is said in a video, in one language.' });
export type Captions = z.infer<typeof captionsSchema>;

/** A BCP 47 language tag, limited to the parts that players distinguish. */
export const languageSchema = z
  .string()
  .regex(/^[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8}){0,3}$/)
  .meta({ description: 'A language tag, such as `en` or `pt-BR`.' });
export const captionsBodySchema = z
  .strictObject({
    text: z.string().min(1).max(500_000).meta({ description: 'A WebVTT or SubRip (SRT) file.' }),
    label: z.string().min(1).max(100).optional().meta({ description: 'How players name it; the language where none is given.' }),
  })
  .meta({ id: 'CaptionsText' });
