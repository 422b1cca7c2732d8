import path from 'node:path';

import { checkOutput } from '../engine/check-output.ts';
import type { MadeFile } from '../store-files.ts';
import { runForVideo } from './run-for-video.ts';
import { deliversSource } from '../../policy/collection.ts';
import { previewArguments, previewSeconds } from './video-arguments.ts';
import type { VideoWork } from './video-work.ts';

/** A few silent seconds, checked. */
export async function previewOf(work: VideoWork): Promise<MadeFile> {
  const { ctx, bench, recording, scan, input } = work;
  const seconds = previewSeconds(recording, { isSold: deliversSource(input.collection) });
  await runForVideo(work, previewArguments(bench.engine, recording, seconds));
  const { video } = await checkOutput(bench.engine, {
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
  return {
    role: 'preview',
    content: { path: path.join(bench.directory, 'preview.mp4') },
    extension: 'mp4',
    mimeType: 'video/mp4',
    width: video?.upright.width ?? null,
    height: video?.upright.height ?? null,
  };
}
