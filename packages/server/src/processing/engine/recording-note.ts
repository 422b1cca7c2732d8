import { z } from 'zod';

import type { Engine } from './engine.ts';
import type { Recording } from './read-recording.ts';

const number = z.number().nullable();
const text = z.string().nullable();
const size = z.object({ width: z.number(), height: z.number() });
const video = z.object({
  index: z.number(),
  codec: z.string(),
  profile: text,
  level: number,
  coded: size,
  upright: size,
  sampleAspect: z.number(),
  pixelFormat: text,
  isInterlaced: z.boolean(),
  rotation: z.number(),
  isTurned: z.boolean(),
  colour: z.object({ primaries: text, transfer: text, space: text, range: text }),
  hdr: z.enum(['none', 'hlg', 'pq', 'dv']),
});
const audio = z.object({ index: z.number(), codec: z.string(), profile: text, channels: z.number(), sampleRate: z.number(), start: number });
const unread = z.array(z.object({ index: z.number(), type: z.enum(['video', 'audio']), codec: z.string() }));
const boxes = z.object({
  isFragmented: z.boolean(),
  isFastStart: z.boolean(),
  isHeadless: z.boolean(),
  isCut: z.boolean(),
  sampleDescriptions: z.number(),
});
const scan = z.object({
  packets: z.number(),
  bytes: z.number(),
  start: z.number(),
  end: z.number(),
  lastDuration: number,
  largestGap: z.number(),
  keyframeGap: z.number(),
  dropped: z.number(),
  droppedSeconds: z.number(),
  isMonotonic: z.boolean(),
});
const recordingSchema: z.ZodType<Recording> = z.object({
  demuxer: z.string(),
  header: z.object({
    video: video.nullable(),
    audio: audio.nullable(),
    cover: number,
    unread,
    saidSeconds: number,
    tags: z.array(z.string()),
  }),
  boxes: boxes.nullable(),
  video: video.nullable(),
  audio: audio.nullable(),
  videoScan: scan.nullable(),
  audioScan: scan.nullable(),
  unread,
  seconds: z.number(),
  fps: z.number(),
});

/** What was read of a recording, and by which ffmpeg: stored with its poster, so that the job that makes the rest does not read all packets again. */
export const readNote = z.object({ readBy: z.string(), recording: recordingSchema });

/** Identifies the reader: another ffmpeg may support other codecs. */
export const readerName = ({ mode, version }: Engine): string => `${mode} ${version}`;

/** What an earlier attempt has read with the same ffmpeg; null when there is none. */
export function readBefore(engine: Engine, note: unknown): Recording | null {
  const left = readNote.safeParse(note).data;
  return left?.readBy === readerName(engine) ? left.recording : null;
}
