import path from 'node:path';

import { checkOutput } from '../engine/check-output.ts';
import { pictureSpan } from '../engine/read-recording.ts';
import { SafelightError } from '../../lib/errors.ts';
import type { MadeFile } from '../store-files.ts';
import { runForVideo } from './run-for-video.ts';
import { deliversSource } from '../../policy/collection.ts';
import { previewArguments, previewSeconds } from './video-arguments.ts';
import type { VideoWork } from './video-work.ts';

/** A few silent seconds, checked: from a tenth on, or from the beginning, where that cannot be jumped to or so many could pass without a frame. */
export async function previewOf(work: VideoWork): Promise<MadeFile> {
  const { recording, scan, input, ctx } = work;
  const span = pictureSpan(recording);
  const seconds = Math.min(span.seconds, previewSeconds(recording, { isSold: deliversSource(input.collection) }));
  const later = scan.largestGap < 2 ? Math.min(span.seconds * 0.1, span.seconds - seconds) : 0;
  try {
    return await cutOut(work, { from: span.from + later, seconds });
  } catch (error) {
    if (later === 0 || ctx.signal.aborted || !(error instanceof SafelightError)) throw error;
    return await cutOut(work, { from: span.from, seconds });
  }
}

async function cutOut(work: VideoWork, part: { from: number; seconds: number }): Promise<MadeFile> {
  const { ctx, bench, recording, scan } = work;
  await runForVideo(work, previewArguments(bench.engine, recording, part));
  const { video } = await checkOutput(bench.engine, {
    directory: bench.directory,
    name: 'preview.mp4',
    demuxer: 'mov',
    seconds: part.seconds,
    // Where frames lie far apart, it may hold few of them.
    tolerance: 0.5 + scan.largestGap,
    picture: { width: 480, height: 480 },
    hasSound: false,
    soundOffset: null,
    signal: ctx.signal,
  });
  return {
    role: 'preview',
    content: { path: path.join(bench.directory, 'preview.mp4') },
    extension: 'mp4',
    mimeType: 'video/mp4',
    width: video?.upright.width ?? null,
    height: video?.upright.height ?? null,
  };
}
