import { stat } from 'node:fs/promises';
import path from 'node:path';

import { inOneGo, type Part } from '../engine/arguments.ts';
import { checkOutput, soundOffsetOf } from '../engine/check-output.ts';
import { SafelightError } from '../../lib/errors.ts';
import type { MadeFile } from '../store-files.ts';
import { boxOf, planStream, type StreamPlan } from './plan-stream.ts';
import { runForVideo } from './run-for-video.ts';
import { streamPart } from './video-arguments.ts';
import type { Share, VideoWork } from './video-work.ts';

/** Reasons that speak of size alone: where encoding does not make it smaller, the bytes stay after all. */
const bySize = new Set(['bitrate', 'keyframes']);

/**
 * The stream, checked: its bytes stay, or are encoded anew for reasons. What is to be made `beside` it is made in the same process where the
 * bytes stay, since there starting one costs more than what it does; `isBeside` tells whether it was.
 */
export async function streamOf(work: VideoWork, share: Share, beside: readonly Part[]): Promise<{ file: MadeFile; plan: StreamPlan; isBeside: boolean }> {
  const { recording, bench, input } = work;
  const plan = planStream(recording, input.collection.video);
  if (plan.mode === 'remux') return { ...(await kept(work, plan, share, beside)), plan };
  const file = await made(work, plan, share);
  if (!plan.reencodeReasons.every((reason) => bySize.has(reason))) return { file, plan, isBeside: false };
  const { size } = await stat(path.join(bench.directory, 'stream.mp4'));
  if (size <= (recording.videoScan?.bytes ?? 0) + (recording.audioScan?.bytes ?? 0)) return { file, plan, isBeside: false };
  const small: StreamPlan = { ...plan, mode: 'remux', reencodeReasons: [] };
  return { ...(await kept(work, small, { from: share.to, to: share.to }, beside)), plan: small };
}

async function kept(work: VideoWork, plan: StreamPlan, share: Share, beside: readonly Part[]): Promise<{ file: MadeFile; isBeside: boolean }> {
  if (beside.length === 0) return { file: await made(work, plan, share), isBeside: false };
  try {
    return { file: await made(work, plan, share, beside), isBeside: true };
  } catch (error) {
    if (work.ctx.signal.aborted || !(error instanceof SafelightError)) throw error;
    // Where one of them fails all do: each has its own second way.
    return { file: await made(work, plan, share), isBeside: false };
  }
}

async function made(work: VideoWork, plan: StreamPlan, share: Share, beside: readonly Part[] = []): Promise<MadeFile> {
  const { ctx, input, bench, recording, video } = work;
  const { directory, engine } = bench;
  await runForVideo(work, inOneGo([streamPart(engine, recording, plan, input.collection.video), ...beside]), share);
  const { picture } = await checkOutput(engine, {
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
    width: picture?.width ?? null,
    height: picture?.height ?? null,
  };
}
