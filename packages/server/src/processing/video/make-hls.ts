import { readFile } from 'node:fs/promises';
import path from 'node:path';

import { checkOutput, soundOffsetOf } from '../engine/check-output.ts';
import { pictureSpan } from '../engine/read-recording.ts';
import { withoutRange } from '../engine/without-range.ts';
import type { MadeFile } from '../store-files.ts';
import { hlsArguments, rungsOf, type Rung } from './hls-arguments.ts';
import type { HlsLayout } from './hls-layout.ts';
import { readHlsPlaylist } from './read-hls-playlist.ts';
import { runForVideo } from './run-for-video.ts';
import type { Share, VideoWork } from './video-work.ts';

/** The video in several sizes for adaptive players, and its sound once: one file each, whose parts are byte ranges. */
export async function hlsOf(work: VideoWork, share: Share): Promise<MadeFile[]> {
  const { bench, recording, input, video } = work;
  const rungs = rungsOf(video, input.collection.video.maxSide);
  await runForVideo(work, hlsArguments(bench.engine, recording, rungs, input.collection.video), share);
  const codecs = codecsOf(await readFile(path.join(bench.directory, 'master.m3u8'), 'utf8'));
  const files: MadeFile[] = [];
  for (const rung of rungs) files.push(await rungFile(work, rung, codecs));
  if (recording.audio !== null) files.push(await rungFile(work, { name: 'audio', size: null }, codecs));
  return files;
}

async function rungFile(work: VideoWork, { name, size }: Rung | { name: 'audio'; size: null }, codecs: Map<string, string>): Promise<MadeFile> {
  const { bench, recording, ctx } = work;
  const file = `hls_${name}.mp4`;
  const parts = readHlsPlaylist(await readFile(path.join(bench.directory, `hls_${name}.m3u8`), 'utf8'));
  await withoutRange(path.join(bench.directory, file));
  const made = await checkOutput(bench.engine, {
    directory: bench.directory,
    name: file,
    demuxer: 'mov',
    seconds: size === null ? soundSeconds(work) : pictureSpan(recording).seconds,
    tolerance: Math.max(0.3, recording.seconds * 0.01, Math.abs(soundOffsetOf(recording) ?? 0)),
    picture: size,
    hasSound: size === null,
    soundOffset: null,
    signal: ctx.signal,
  });
  const layout: HlsLayout = {
    ...parts,
    codecs: size === null ? 'mp4a.40.2' : (codecs.get(name) ?? 'avc1.64002a'),
    frameRate: size === null ? null : Math.round((made.picture?.fps ?? 0) * 1000) / 1000,
  };
  return {
    role: `hls_${name}`,
    content: { path: path.join(bench.directory, file) },
    extension: 'mp4',
    mimeType: size === null ? 'audio/mp4' : 'video/mp4',
    width: size?.width ?? null,
    height: size?.height ?? null,
    layout,
  };
}

const soundSeconds = ({ recording: { audioScan, seconds } }: VideoWork): number => (audioScan === null ? seconds : audioScan.end - audioScan.start);

/** ffmpeg reports the profile and level that it has encoded: each rung's stands in front of its playlist. */
function codecsOf(master: string): Map<string, string> {
  const named = [...master.matchAll(/^#EXT-X-STREAM-INF:.*CODECS="([^",]+).*\n+hls_(\w+)\.m3u8/gm)];
  return new Map(named.flatMap(([, codec, name]) => (codec === undefined || name === undefined ? [] : [[name, codec] as const])));
}
