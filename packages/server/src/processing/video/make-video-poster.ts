import path from 'node:path';

import { inOneGo } from '../engine/arguments.ts';
import { damagedRecording } from '../engine/damaged-recording.ts';
import { makePoster } from '../engine/make-poster.ts';
import { pictureSpan } from '../engine/read-recording.ts';
import { isMade, runForVideo } from './run-for-video.ts';
import { posterPart } from './video-arguments.ts';
import type { VideoWork } from './video-work.ts';

/** The first keyframe that is not black; if the beginning is black throughout, a frame from the middle, and finally the very first one. */
export async function posterOf(work: VideoWork): ReturnType<typeof makePoster> {
  const { ctx, bench, recording, input } = work;
  const span = pictureSpan(recording);
  const tries = [
    { from: 0, anyFrame: false },
    { from: span.from + span.seconds / 2, anyFrame: true },
    { from: 0, anyFrame: true },
  ];
  for (const choice of tries) {
    await runForVideo(work, inOneGo([posterPart(bench.engine, recording, choice)]));
    const file = path.join(bench.directory, 'poster.png');
    if (await isMade(file)) return await makePoster(ctx, file, input.digitalSource);
  }
  throw damagedRecording('none of its frames can be decoded');
}
