import { mostChars } from './limits.ts';
import { z } from 'zod';

export const videoFactsSchema = z
  .object({
    codec: z.string(),
    profile: z.string().nullable(),
    width: z.int().meta({ description: 'Pixels, upright.' }),
    height: z.int(),
    fps: z.number().meta({ description: 'Average frames per second.' }),
    vfr: z.boolean().meta({ description: 'Whether the frame rate varies.' }),
    rotation: z.int().meta({ description: 'Clockwise in degrees, according to the header; outputs are upright.' }),
    hdr: z.enum(['none', 'hlg', 'pq', 'dv']),
    bitrate: z.int(),
  })
  .meta({ id: 'VideoFacts', description: 'The picture of a recording, measured from its packets.' });
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
      .meta({ description: 'EBU R 128: LUFS, dBFS, LU. Null for silence, and if it was not measured.' }),
  })
  .meta({ id: 'AudioFacts', description: 'The sound of a recording.' });
export type AudioFacts = z.infer<typeof audioFactsSchema>;

export const processingFactsSchema = z
  .object({
    mode: z
      .enum(['remux', 'encode', 'none'])
      .meta({ description: 'Whether the encoded picture was kept. `none`: there is no picture, or no stream was made.' }),
    audio: z.enum(['copy', 'encode', 'none']),
    reencodeReasons: z.array(z.string()).meta({ description: 'Why the encoded picture could not be kept.' }),
    engine: z.string(),
    sandbox: z.string(),
    cpuMs: z.int(),
  })
  .meta({ id: 'ProcessingFacts', description: 'How the outputs of a recording were made.' });
export type ProcessingFacts = z.infer<typeof processingFactsSchema>;

export const storyboardSchema = z
  .object({
    src: z.string().meta({ description: 'One JPEG of ten rows of ten small pictures.' }),
    vttSrc: z.string().meta({ description: 'WebVTT for players, with the time of each of them.' }),
    intervalMs: z.int().meta({ description: 'The duration that each of them represents.' }),
    count: z.int().meta({ description: 'How many of the hundred are filled.' }),
  })
  .meta({ id: 'Storyboard', description: 'Small pictures of a whole video, for finding a moment.' });
export type Storyboard = z.infer<typeof storyboardSchema>;

export const captionsSchema = z
  .object({ language: z.string(), label: z.string().nullable(), src: z.string().meta({ description: 'WebVTT.' }) })
  .meta({ id: 'Captions', description: 'The captions of a video in one language.' });
export type Captions = z.infer<typeof captionsSchema>;

/** A BCP 47 language tag, limited to the parts that players distinguish. */
export const languageSchema = z
  .string()
  .regex(/^[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8}){0,3}$/, 'must be a language tag, like en or pt-BR')
  .meta({ description: 'A language tag, such as `en` or `pt-BR`.' });
export const captionsBodySchema = z
  .strictObject({
    text: z.string().min(1).max(500_000).meta({ description: 'A WebVTT or SubRip (SRT) file.' }),
    label: z.string().min(1).max(mostChars.captionsLabel).optional().meta({ description: 'Its name in players; by default the language.' }),
  })
  .meta({ id: 'CaptionsText' });
