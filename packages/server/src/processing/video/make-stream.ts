import { stat } from 'node:fs/promises';
import path from 'node:path';

import { checkOutput, soundOffsetOf } from '../engine/check-output.ts';
import type { MadeFile } from '../store-files.ts';
import { boxOf, planStream, type StreamPlan } from './plan-stream.ts';
import { runForVideo } from './run-for-video.ts';
import { streamArguments } from './video-arguments.ts';
import type { Share, VideoWork } from './video-work.ts';

/** Reasons that speak of size alone: where encoding does not make it smaller, the bytes stay after all. */
const bySize = new Set(['bitrate', 'keyframes']);

/** The stream, checked: its bytes stay, or are encoded anew for reasons. */
export async function streamOf(work: VideoWork, share: Share): Promise<{ file: MadeFile; plan: StreamPlan }> {
  const { recording, bench, input } = work;
  const plan = planStream(recording, input.collection.video);
  const file = await made(work, plan, share);
  if (plan.mode === 'remux' || !plan.reencodeReasons.every((reason) => bySize.has(reason))) return { file, plan };
  const { size } = await stat(path.join(bench.directory, 'stream.mp4'));
  if (size <= (recording.videoScan?.bytes ?? 0) + (recording.audioScan?.bytes ?? 0)) return { file, plan };
  const kept: StreamPlan = { ...plan, mode: 'remux', reencodeReasons: [] };
  return { file: await made(work, kept, { from: share.to, to: share.to }), plan: kept };
}

async function made(work: VideoWork, plan: StreamPlan, share: Share): Promise<MadeFile> {
  const { ctx, input, bench, recording, video } = work;
  const { directory, engine } = bench;
  await runForVideo(work, streamArguments(engine, recording, plan, input.collection.video), share);
  const { video: picture } = await checkOutput(engine, {
    directory,
    name: 'stream.mp4',
    demuxer: 'mov',
    seconds: recording.seconds,
    picture: plan.mode === 'remux' ? video.upright : boxOf(video, input.collection.video.maxSide),
    hasSound: plan.audio !== 'none',
    soundOffset: soundOffsetOf(recording),
    signal: ctx.signal,
  });
  return {
    role: 'stream',
    content: { path: path.join(directory, 'stream.mp4') },
    extension: 'mp4',
    mimeType: 'video/mp4',
    width: picture?.upright.width ?? null,
    height: picture?.upright.height ?? null,
  };
}
