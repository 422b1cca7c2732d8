import type { VideoFacts } from '@safelight/contract/recordings';
import { stat } from 'node:fs/promises';
import path from 'node:path';

import { audioFactsOf, workLimits, type Bench } from '../engine/bench.ts';
import { checkOutput, soundOffsetOf } from '../engine/check-output.ts';
import { damagedRecording } from '../engine/damaged-recording.ts';
import { makePoster } from '../engine/make-poster.ts';
import type { VideoTrack } from '../engine/probe.ts';
import type { Recording } from '../engine/read-recording.ts';
import { EngineRefusal, runEngine } from '../engine/run-engine.ts';
import { bitrateOf, type TrackScan } from '../engine/scan-packets.ts';
import { SafelightError } from '../../lib/errors.ts';
import { deliversSource } from '../../policy/collection.ts';
import type { FactColumns, RecordingInput } from '../made.ts';
import type { RecordingContext } from '../recording-context.ts';
import type { MadeFile } from '../store-files.ts';
import { boxOf, planStream, type StreamPlan } from './plan-stream.ts';
import { posterArguments, previewArguments, previewSeconds, streamArguments } from './video-arguments.ts';

type Part = { ctx: RecordingContext; input: RecordingInput; bench: Bench; recording: Recording; video: VideoTrack; scan: TrackScan };

/** Everything that is made of a video, each checked before it counts. */
export async function makeVideo(
  ctx: RecordingContext,
  input: RecordingInput,
  bench: Bench,
  recording: Recording,
): Promise<{ columns: FactColumns; files: MadeFile[] }> {
  const { video, videoScan: scan, audio } = recording;
  if (video === null || scan === null) throw new Error('there is no picture');
  const { video: rules } = input.collection;
  if (video.hdr !== 'none' && rules.hdr === 'refuse')
    throw new SafelightError('unsupported_codec', 'Videos of high dynamic range are not taken here. Send it in standard range.');
  const part: Part = { ctx, input, bench, recording, video, scan };
  // Under an opaque URL whoever has it may read: what is sold is not given away whole.
  const wanted = new Set<string>(rules.outputs.filter((role) => role !== 'stream' || !deliversSource(input.collection)));
  const poster = await posterOf(part);
  input.onProgress?.(0.05, 'poster');
  const plan = wanted.has('stream') ? planStream(recording, rules) : null;
  const stream = plan === null ? null : await streamOf(part, plan);
  input.onProgress?.(null, 'finishing');
  const preview = wanted.has('preview') ? await previewOf(part) : null;
  return {
    files: [...(wanted.has('poster') ? poster.files : []), ...(stream === null ? [] : [stream]), ...(preview === null ? [] : [preview])],
    columns: {
      kind: 'video',
      width: video.upright.width,
      height: video.upright.height,
      duration_ms: Math.round(recording.seconds * 1000),
      blur_data_url: poster.facts.blurDataURL,
      dominant_colour: poster.facts.dominantColour,
      video: JSON.stringify(factsOf(part)),
      audio: audio === null ? null : JSON.stringify(audioFactsOf(recording, audio, null)),
      processing: JSON.stringify({
        mode: plan?.mode ?? 'none',
        audio: plan?.audio ?? 'none',
        reencodeReasons: plan?.reencodeReasons ?? [],
        ...bench.account(),
      }),
    },
  };
}

function factsOf({ recording: { fps, seconds }, video, scan }: Part): VideoFacts {
  return {
    codec: video.codec,
    profile: video.profile,
    ...video.upright,
    fps: Math.round(fps * 1000) / 1000,
    vfr: fps > 0 && scan.largestGap > 1.5 / fps,
    rotation: video.rotation,
    hdr: video.hdr,
    bitrate: bitrateOf(scan, seconds),
  };
}

async function run({ ctx, bench, recording, input }: Part, args: string[], share?: { from: number; to: number }): Promise<void> {
  try {
    const { cpuMs } = await runEngine(bench.engine, {
      program: 'ffmpeg',
      args,
      directory: bench.directory,
      limits: workLimits(recording),
      signal: ctx.signal,
      ...(share === undefined
        ? {}
        : { onTime: (done) => input.onProgress?.(share.from + (share.to - share.from) * Math.min(1, done / recording.seconds), 'encoding') }),
    });
    bench.count(cpuMs);
  } catch (cause) {
    throw cause instanceof EngineRefusal ? damagedRecording('not all of its frames can be decoded', cause) : cause;
  }
}

/** The first keyframe that is no black; where the beginning is black throughout, one from the middle, and the very first after all. */
async function posterOf(part: Part): ReturnType<typeof makePoster> {
  const { ctx, bench, recording } = part;
  const tries = [
    { from: 0, anyFrame: false },
    { from: recording.seconds / 2, anyFrame: true },
    { from: 0, anyFrame: true },
  ];
  for (const choice of tries) {
    await run(part, posterArguments(bench.engine, recording, choice));
    const file = path.join(bench.directory, 'poster.png');
    if (await isThere(file)) return await makePoster(ctx, file, part.input.digitalSource);
  }
  throw damagedRecording('none of its frames can be decoded');
}

async function isThere(file: string): Promise<boolean> {
  return await stat(file).then(
    ({ size }) => size > 0,
    () => false,
  );
}

async function streamOf(part: Part, plan: StreamPlan): Promise<MadeFile> {
  const { ctx, input, bench, recording, video } = part;
  const { directory, engine } = bench;
  await run(part, streamArguments(engine, recording, plan, input.collection.video), { from: 0.05, to: 0.95 });
  const made = await checkOutput(engine, {
    directory,
    name: 'stream.mp4',
    demuxer: 'mov',
    seconds: recording.seconds,
    picture: plan.mode === 'remux' ? video.upright : boxOf(video, input.collection.video.maxSide),
    hasSound: plan.audio !== 'none',
    soundOffset: soundOffsetOf(recording),
    signal: ctx.signal,
  });
  return fileOf('stream', path.join(directory, 'stream.mp4'), made);
}

async function previewOf(part: Part): Promise<MadeFile> {
  const { ctx, input, bench, recording, scan } = part;
  const seconds = previewSeconds(recording, { isSold: deliversSource(input.collection) });
  await run(part, previewArguments(bench.engine, recording, seconds));
  const made = await checkOutput(bench.engine, {
    directory: bench.directory,
    name: 'preview.mp4',
    demuxer: 'mov',
    seconds,
    // Where frames lie far apart, it may hold few of them.
    tolerance: 0.5 + scan.largestGap,
    picture: { width: 480, height: 480 },
    hasSound: false,
    soundOffset: null,
    signal: ctx.signal,
  });
  return fileOf('preview', path.join(bench.directory, 'preview.mp4'), made);
}

const fileOf = (role: string, file: string, { video }: Recording): MadeFile => ({
  role,
  content: { path: file },
  extension: 'mp4',
  mimeType: 'video/mp4',
  width: video?.upright.width ?? null,
  height: video?.upright.height ?? null,
});
