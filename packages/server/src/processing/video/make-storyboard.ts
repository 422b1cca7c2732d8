import path from 'node:path';

import { inOneGo, type Part } from '../engine/arguments.ts';
import { damagedRecording } from '../engine/damaged-recording.ts';
import { pictureSpan, type Recording } from '../engine/read-recording.ts';
import type { MadeFile } from '../store-files.ts';
import { isMade, runForVideo } from './run-for-video.ts';
import { storyboardTiles, type StoryboardLayout } from './storyboard-layout.ts';
import { storyboardPart } from './video-arguments.ts';
import type { VideoWork } from './video-work.ts';

const secondsEach = ({ seconds }: Pick<Recording, 'seconds'>): number => Math.max(1, Math.ceil(seconds / storyboardTiles));

/** Makes it from the keyframes alone. */
export const keyframesPart = ({ bench, recording }: VideoWork): Part =>
  storyboardPart(bench.engine, recording, { seconds: secondsEach(recording), keyframesOnly: true });

/**
 * Small pictures from the whole video in one: from its keyframes, or from all frames when too few keyframes can be read. `isTried`: the first way was
 * already tried along with something else.
 */
export async function storyboardOf(work: VideoWork, { isTried }: { isTried: boolean }): Promise<MadeFile> {
  const { bench, recording } = work;
  const span = pictureSpan(recording);
  const seconds = secondsEach(recording);
  const count = Math.max(1, Math.min(storyboardTiles, Math.ceil((span.from + span.seconds) / seconds)));
  const file = path.join(bench.directory, 'storyboard.jpg');
  for (const keyframesOnly of [true, false]) {
    if (!keyframesOnly || !isTried) await runForVideo(work, inOneGo([storyboardPart(bench.engine, recording, { seconds, keyframesOnly })]));
    if (!(await isMade(file))) continue;
    const layout: StoryboardLayout = { intervalMs: seconds * 1000, count };
    return { role: 'storyboard', content: { path: file }, extension: 'jpg', mimeType: 'image/jpeg', width: 1600, height: 900, layout };
  }
  throw damagedRecording('none of its frames can be decoded');
}
