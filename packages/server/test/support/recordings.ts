import { execFile, spawnSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

import { policyRulesSchema } from '@safelight/contract/media-rules';

import { createLog } from '../../src/lib/log.ts';
import { ceilingsSchema } from '../../src/policy/ceilings.ts';
import { collectionSchema, type CollectionConfig } from '../../src/policy/collection.ts';
import { createEngines } from '../../src/processing/engine/find-engine.ts';
import type { DecoderPool } from '../../src/processing/image/decoder-pool.ts';
import { createPlaces } from '../../src/processing/image/slow-pictures.ts';
import type { RecordingContext } from '../../src/processing/recording-context.ts';

/** Searched once for all tests of a file. */
export const engines = createEngines({ ffmpeg: null, ffprobe: null, sandbox: 'auto', threads: 1 });

/** Why tests that need ffmpeg cannot run here; null if they can. */
export const whyNoFfmpeg = (): string | null =>
  spawnSync('ffmpeg', ['-version']).error === undefined ? null : 'ffmpeg is not installed: apt-get install ffmpeg';

/** Creates a file with ffmpeg in a directory, and returns its path. */
export async function makeClip(directory: string, name: string, args: readonly string[]): Promise<string> {
  const file = path.join(directory, name);
  await promisify(execFile)('ffmpeg', ['-nostdin', '-v', 'error', '-y', ...args, file], { maxBuffer: 1 << 24 });
  return file;
}

/**
 * Copies an MP4 whose first track is its picture, and has its header turn it by a quarter, as phones write it. In bytes: ffmpeg 5 does this by
 * metadata, later versions by an option that 5 does not know.
 */
export async function turnClip(from: string, to: string): Promise<string> {
  const bytes = await readFile(from);
  const head = bytes.indexOf('tkhd') + 4;
  const matrix = head + (bytes[head] === 1 ? 52 : 40);
  [0, 65_536, 0, -65_536, 0, 0].forEach((number, at) => bytes.writeInt32BE(number, matrix + at * 4));
  await writeFile(to, bytes);
  return to;
}

/** A moving picture and a tone, as inputs for `makeClip`. */
export const picture = (seconds: number, size = '320x180', rate = 30): string[] => ['-f', 'lavfi', '-i', `testsrc2=s=${size}:r=${rate}:d=${seconds}`];
export const tone = (seconds: number, rate = 48_000): string[] => ['-f', 'lavfi', '-i', `sine=f=440:r=${rate}:d=${seconds}`];
export const h264 = ['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p', '-g', '60'];
export const aac = ['-c:a', 'aac', '-b:a', '96k', '-ac', '2'];

export const recordingRules = policyRulesSchema.parse({
  batchSize: 20,
  maxBytes: 1e9,
  minWidth: null,
  minHeight: null,
  minAspectRatio: null,
  maxAspectRatio: null,
  maxMegapixels: null,
  maxDurationMs: null,
  maxFps: 240,
  maxVideoBitrate: null,
  requireAudio: false,
  maxItems: null,
  acceptedTypes: ['video/*', 'audio/*'],
  undoWindowSeconds: 60,
  photoReviewEnabled: false,
  photoReviewProvider: 'disabled',
});

export const recordingCollection = (
  more: Partial<Pick<CollectionConfig, 'kinds' | 'visibility'> & { video: Partial<CollectionConfig['video']>; audio: Partial<CollectionConfig['audio']> }> = {},
): CollectionConfig => ({
  ...collectionSchema.parse({
    entityType: null,
    kinds: ['video', 'audio'],
    purposes: ['clip'],
    ingest: 'queued',
    keepSource: true,
    visibility: 'public',
    gate: 'none',
    image: null,
    policy: recordingRules,
    ...more,
  }),
  name: 'clips',
});

export const recordingContext = (decoders: DecoderPool, signal = new AbortController().signal): RecordingContext => ({
  site: {
    ceilings: ceilingsSchema.parse({}),
    decoders,
    encoders: createPlaces(2),
    engines,
  },
  log: createLog({ level: 'silent' }),
  signal,
});
