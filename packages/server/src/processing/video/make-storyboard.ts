import path from 'node:path';

import { damagedRecording } from '../engine/damaged-recording.ts';
import { pictureSpan } from '../engine/read-recording.ts';
import type { MadeFile } from '../store-files.ts';
import { isMade, runForVideo } from './run-for-video.ts';
import { storyboardTiles, type StoryboardLayout } from './storyboard-layout.ts';
import { storyboardArguments } from './video-arguments.ts';
import type { VideoWork } from './video-work.ts';

/** Small pictures from the whole of a video in one: from its keyframes, or from all frames where too few of them can be read alone. */
export async function storyboardOf(work: VideoWork): Promise<MadeFile> {
  const { bench, recording } = work;
  const span = pictureSpan(recording);
  const seconds = Math.max(1, Math.ceil(recording.seconds / storyboardTiles));
  const count = Math.max(1, Math.min(storyboardTiles, Math.ceil((span.from + span.seconds) / seconds)));
  const file = path.join(bench.directory, 'storyboard.jpg');
  for (const keyframesOnly of [true, false]) {
    await runForVideo(work, storyboardArguments(bench.engine, recording, { seconds, keyframesOnly }));
    if (!(await isMade(file))) continue;
    const layout: StoryboardLayout = { intervalMs: seconds * 1000, count };
    return { role: 'storyboard', content: { path: file }, extension: 'jpg', mimeType: 'image/jpeg', width: 1600, height: 900, layout };
  }
  throw damagedRecording('none of its frames can be decoded');
}
