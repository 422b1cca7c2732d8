import path from 'node:path';

import { SafelightError } from '../../lib/errors.ts';
import type { Engine } from './engine.ts';
import { readBoxFacts } from './read-boxes.ts';
import { readRecording, type Recording } from './read-recording.ts';

export type Expected = {
  directory: string;
  name: string;
  demuxer: 'mov' | 'mp3' | 'ogg';
  seconds: number;
  /** Of the picture at most; null where there must be none. */
  picture: { width: number; height: number } | null;
  hasSound: boolean;
  /** By how much sound begins later than the picture; null where nobody compares. */
  soundOffset: number | null;
  /** In seconds, where frames lie far apart. */
  tolerance?: number;
  signal: AbortSignal;
};

/**
 * Reads what the engine has made, as if it were a stranger's: that it ended well proves nothing. Throws `corrupt_media` when it is shorter
 * than its source, which then was not whole, and `resource_limit` when the engine made something else than it was told.
 */
export async function checkOutput(engine: Engine, expected: Expected): Promise<Recording> {
  const { directory, name, demuxer, signal } = expected;
  const made = await readRecording(engine, { directory, name, demuxer, signal }).catch((cause: unknown) => {
    throw signal.aborted ? cause : unlike('it cannot be read', cause);
  });
  const tolerance = expected.tolerance ?? Math.max(0.1, expected.seconds * 0.01) + (demuxer === 'mp3' ? 0.1 : 0);
  if (made.seconds < expected.seconds - tolerance)
    throw new SafelightError(
      'corrupt_media',
      `Only ${made.seconds.toFixed(1)} of ${expected.seconds.toFixed(1)} seconds of the recording can be decoded. Export it again.`,
    );
  const problems = [
    made.seconds > expected.seconds + tolerance ? 'it is longer than its source' : null,
    made.header.tags.length > 0 ? `it carries ${made.header.tags.join(', ')}` : null,
    (made.audio !== null) === expected.hasSound ? null : 'its sound is not as it should be',
    (made.video !== null) === (expected.picture !== null) ? null : 'its picture is not as it should be',
    demuxer === 'mov' && !(await readBoxFacts(path.join(directory, name))).isFastStart ? 'its index lies at its end' : null,
    pictureProblem(made, expected.picture),
    syncProblem(made, expected.soundOffset),
  ];
  const [problem] = problems.filter((text) => text !== null);
  if (problem !== undefined) throw unlike(problem);
  return made;
}

function pictureProblem({ video, videoScan }: Recording, picture: Expected['picture']): string | null {
  if (video === null || picture === null) return null;
  if (video.codec !== 'h264' || video.pixelFormat !== 'yuv420p') return `its picture is ${video.codec} ${video.pixelFormat}`;
  if (video.isTurned || video.hdr !== 'none') return 'its picture is not upright or not of standard range';
  if (video.upright.width > picture.width || video.upright.height > picture.height)
    return `it is ${video.upright.width} × ${video.upright.height} pixels large`;
  return videoScan?.isMonotonic === false ? 'its times go back' : null;
}

function syncProblem(made: Recording, expected: number | null): string | null {
  const offset = soundOffsetOf(made);
  return offset === null || expected === null || Math.abs(offset - expected) < 0.1 ? null : 'picture and sound do not go together';
}

/** By how much the sound of a recording begins later than its picture; null where it has not both. */
export const soundOffsetOf = ({ videoScan, audioScan }: Recording): number | null =>
  videoScan === null || audioScan === null ? null : audioScan.start - videoScan.start;

const unlike = (what: string, cause?: unknown): SafelightError =>
  new SafelightError('resource_limit', 'Converting this recording gave a wrong result. Export it as an ordinary MP4 and send that.', {
    cause,
    forOperator: `What ffmpeg made is not what it should be: ${what}.`,
  });
