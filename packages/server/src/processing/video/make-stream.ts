import { stat } from 'node:fs/promises';
import path from 'node:path';

import { inOneGo, type Part } from '../engine/arguments.ts';
import { checkOutput, soundOffsetOf } from '../engine/check-output.ts';
import { withoutRange } from '../engine/without-range.ts';
import { SafelightError } from '../../lib/errors.ts';
import type { MadeFile } from '../store-files.ts';
import { boxOf, planStream, type StreamPlan } from './plan-stream.ts';
import { runForVideo } from './run-for-video.ts';
import { streamPart } from './video-arguments.ts';
import type { Share, VideoWork } from './video-work.ts';

/** Reasons that concern size alone: if encoding does not make the stream smaller, the original bytes stay after all. */
const bySize = new Set(['bitrate', 'keyframes']);

/** What can be made in the process of a stream whose bytes stay, and in that of one that is encoded. */
export type Beside = Record<StreamPlan['mode'], readonly Part[]>;
type Made = { file: MadeFile; /** Which of them was made with it; null for none. */ madeBeside: StreamPlan['mode'] | null };

/**
 * The stream, checked: its bytes stay, or are encoded for reasons. The outputs in `beside` are made in the same process: starting another costs as
 * much as most of them.
 */
export async function streamOf(work: VideoWork, share: Share, beside: Beside): Promise<Made & { plan: StreamPlan }> {
  const { recording, bench, input } = work;
  const plan = planStream(recording, input.collection.video);
  const first = await together(work, plan, share, beside[plan.mode]);
  if (plan.mode === 'remux' || !plan.reencodeReasons.every((reason) => bySize.has(reason))) return { ...first, plan };
  const { size } = await stat(path.join(bench.directory, 'stream.mp4'));
  if (size <= (recording.videoScan?.bytes ?? 0) + (recording.audioScan?.bytes ?? 0)) return { ...first, plan };
  const small: StreamPlan = { ...plan, mode: 'remux', reencodeReasons: [] };
  return { ...first, file: await made(work, small, { from: share.to, to: share.to }), plan: small };
}

async function together(work: VideoWork, plan: StreamPlan, share: Share, beside: readonly Part[]): Promise<Made> {
  if (beside.length === 0) return { file: await made(work, plan, share), madeBeside: null };
  try {
    return { file: await made(work, plan, share, beside), madeBeside: plan.mode };
  } catch (error) {
    if (work.ctx.signal.aborted || !(error instanceof SafelightError) || error.retryable) throw error;
    // If one of them fails, all do: each has its own fallback.
    return { file: await made(work, plan, share), madeBeside: null };
  }
}

async function made(work: VideoWork, plan: StreamPlan, share: Share, beside: readonly Part[] = []): Promise<MadeFile> {
  const { ctx, input, bench, recording, video } = work;
  const { directory, engine } = bench;
  await runForVideo(work, inOneGo([streamPart(engine, recording, plan, input.collection.video), ...beside]), share);
  if (plan.mode === 'encode') await withoutRange(path.join(directory, 'stream.mp4'));
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
