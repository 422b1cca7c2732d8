import path from 'node:path';

import { inOneGo, type Part } from '../engine/arguments.ts';
import { checkOutput } from '../engine/check-output.ts';
import { pictureSpan } from '../engine/read-recording.ts';
import { withoutRange } from '../engine/without-range.ts';
import { SafelightError } from '../../lib/errors.ts';
import type { MadeFile } from '../store-files.ts';
import { runForVideo } from './run-for-video.ts';
import { deliversSource } from '../../policy/collection.ts';
import { previewPart, previewSeconds } from './video-arguments.ts';
import type { VideoWork } from './video-work.ts';

type Cut = { from: number; seconds: number };

/** The best place to cut the preview, and the fallback at the beginning, for videos in which no other moment can be sought. */
function cutsOf({ recording, scan, input }: VideoWork): { best: Cut; first: Cut } {
  const span = pictureSpan(recording);
  const seconds = Math.min(span.seconds, previewSeconds(recording, { isSold: deliversSource(input.collection) }));
  // With larger gaps, a later start could leave the preview without a frame.
  const later = scan.largestGap < 2 ? Math.min(span.seconds * 0.1, span.seconds - seconds) : 0;
  return { best: { from: span.from + later, seconds }, first: { from: span.from, seconds } };
}

/** The preferred way to make it. */
export const bestPreviewPart = (work: VideoWork): Part => previewPart(work.bench.engine, work.recording, cutsOf(work).best);

/**
 * A few silent seconds, checked: from a tenth of the video on, or from its beginning. `isTried`: the first way was already tried along with something
 * else.
 */
export async function previewOf(work: VideoWork, { isTried }: { isTried: boolean }): Promise<MadeFile> {
  const { best, first } = cutsOf(work);
  try {
    return isTried ? await checked(work, best) : await cutOut(work, best);
  } catch (error) {
    if (best.from === first.from || work.ctx.signal.aborted || !(error instanceof SafelightError) || error.retryable) throw error;
    return await cutOut(work, first);
  }
}

async function cutOut(work: VideoWork, cut: Cut): Promise<MadeFile> {
  await runForVideo(work, inOneGo([previewPart(work.bench.engine, work.recording, cut)]));
  return await checked(work, cut);
}

async function checked({ ctx, bench, scan }: VideoWork, { seconds }: Cut): Promise<MadeFile> {
  await withoutRange(path.join(bench.directory, 'preview.mp4'));
  const { picture } = await checkOutput(bench.engine, {
    directory: bench.directory,
    name: 'preview.mp4',
    demuxer: 'mov',
    seconds,
    // With frames far apart, the preview may hold few of them.
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
    width: picture?.width ?? null,
    height: picture?.height ?? null,
  };
}
